# Links through a faulty network; it is also the workers' program.
add_executable(cluster_proxy ${CMAKE_CURRENT_LIST_DIR}/proxy_links.c
    ${CMAKE_CURRENT_LIST_DIR}/proxy.c)
target_include_directories(cluster_proxy PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(cluster_proxy PRIVATE gale_static gale_compile)
set(suppressions
    TSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/race/tsan.supp)
foreach(name spoiled spoiled_and_killed one_slow_link)
    add_test(NAME cluster/proxy/${name} COMMAND cluster_proxy ${name})
    set_tests_properties(cluster/proxy/${name} PROPERTIES
        TIMEOUT 400 ENVIRONMENT ${suppressions})
endforeach()

if(TEST certs)
    set(certs ${CMAKE_CURRENT_BINARY_DIR}/certs)
    foreach(name spoiled spoiled_and_killed)
        add_test(NAME cluster/proxy/${name}_tls COMMAND cluster_proxy ${name})
        set_tests_properties(cluster/proxy/${name}_tls PROPERTIES
            FIXTURES_REQUIRED certs TIMEOUT 400 ENVIRONMENT
            "GALE_TLS_CA_FILE=${certs}/ca.pem;GALE_TLS_CERT_FILE=${certs}/node.pem;${suppressions}")
    endforeach()
endif()
