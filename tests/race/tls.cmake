# The links over TLS: the same programs, with certificates made for the run.
find_program(OPENSSL openssl)
if(NOT OPENSSL)
    return()
endif()
set(certs ${CMAKE_CURRENT_BINARY_DIR}/certs)
add_test(NAME certs COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/certs.sh
    ${PROJECT_SOURCE_DIR}/scripts/make-certs ${certs})
set_tests_properties(certs PROPERTIES FIXTURES_SETUP certs)

set(suppressions
    TSAN_OPTIONS=suppressions=${CMAKE_CURRENT_LIST_DIR}/tsan.supp)
foreach(name line line_cut line_mesh line_strangers)
    add_test(NAME race/${name}_tls COMMAND race_${name})
    set_tests_properties(race/${name}_tls PROPERTIES
        FIXTURES_REQUIRED certs
        ENVIRONMENT "GALE_CERTS=${certs};${suppressions}")
endforeach()
foreach(name answer_tls exchange_tls secrets)
    if(TEST unit/wire/test_${name})
        set_tests_properties(unit/wire/test_${name} PROPERTIES
            FIXTURES_REQUIRED certs ENVIRONMENT GALE_CERTS=${certs})
    endif()
endforeach()
