set(not_ours LSAN_OPTIONS=suppressions=${CMAKE_CURRENT_LIST_DIR}/zookeeper.supp:print_suppressions=0)

# Several Nimbuses' sides of an ensemble of ZooKeeper, which it starts itself.
# Without ZooKeeper or Java it is skipped, and says so.
add_executable(cluster_zookeeper ${CMAKE_CURRENT_LIST_DIR}/zookeeper.c)
target_include_directories(cluster_zookeeper PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(cluster_zookeeper PRIVATE gale_nimbus gale_compile)
add_test(NAME cluster/zookeeper COMMAND cluster_zookeeper
    ${PROJECT_SOURCE_DIR}/scripts/zookeeper)
set_tests_properties(cluster/zookeeper PROPERTIES
    SKIP_RETURN_CODE 77 TIMEOUT 400 RESOURCE_LOCK zookeeper_ports
    ENVIRONMENT ${not_ours})

if(NOT GALE_SANITIZE STREQUAL thread)
    add_test(NAME cluster/several_nimbuses COMMAND
        sh ${CMAKE_CURRENT_LIST_DIR}/several.sh
        $<TARGET_FILE:gale_command> $<TARGET_FILE:wordcount>
        ${PROJECT_SOURCE_DIR}/scripts/zookeeper)
    set_tests_properties(cluster/several_nimbuses PROPERTIES
        SKIP_RETURN_CODE 77 TIMEOUT 400 RESOURCE_LOCK zookeeper_ports
        ENVIRONMENT ${not_ours})
endif()
