# Workers on two nodes, whose network fails; it is also their program.
add_executable(cluster_net ${CMAKE_CURRENT_LIST_DIR}/net.c)
target_include_directories(cluster_net PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(cluster_net PRIVATE gale_static gale_compile)
set(suppressions
    TSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/race/tsan.supp)
foreach(name no_way one_way replaced frozen)
    add_test(NAME cluster/net/${name} COMMAND cluster_net ${name})
    set_tests_properties(cluster/net/${name} PROPERTIES
        SKIP_RETURN_CODE 77 TIMEOUT 400 RUN_SERIAL ON ENVIRONMENT ${suppressions})
endforeach()

if(TEST certs)
    set(certs ${CMAKE_CURRENT_BINARY_DIR}/certs)
    foreach(name no_way one_way replaced)
        add_test(NAME cluster/net/${name}_tls COMMAND cluster_net ${name})
        set_tests_properties(cluster/net/${name}_tls PROPERTIES
            FIXTURES_REQUIRED certs SKIP_RETURN_CODE 77 TIMEOUT 400 RUN_SERIAL ON
            ENVIRONMENT
            "GALE_TLS_CA_FILE=${certs}/ca.pem;GALE_TLS_CERT_FILE=${certs}/node.pem;${suppressions}")
    endforeach()
endif()

# Wall clocks that leap.
add_executable(cluster_clock ${CMAKE_CURRENT_LIST_DIR}/net_clock.c)
target_include_directories(cluster_clock PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(cluster_clock PRIVATE gale_static gale_compile)
add_test(NAME cluster/clock COMMAND cluster_clock)
set_tests_properties(cluster/clock PROPERTIES
    TIMEOUT 400 ENVIRONMENT ${suppressions})
