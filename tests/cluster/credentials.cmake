# Credentials, as a user and his topology see them.
add_executable(cluster_credentials ${CMAKE_CURRENT_LIST_DIR}/credentials.c)
target_link_libraries(cluster_credentials PRIVATE gale_static gale_compile)
add_test(NAME cluster/credentials
    COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/credentials.sh
    $<TARGET_FILE:gale_command> $<TARGET_FILE:cluster_credentials>)
set_tests_properties(cluster/credentials PROPERTIES TIMEOUT 400 ENVIRONMENT
    TSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/race/tsan.supp)
