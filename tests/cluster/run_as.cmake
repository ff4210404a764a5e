# Workers as the users who submitted them; it takes root.
add_executable(cluster_run_as ${CMAKE_CURRENT_LIST_DIR}/run_as.c)
target_link_libraries(cluster_run_as PRIVATE gale_static gale_compile)
if(NOT GALE_SANITIZE STREQUAL thread)
    add_test(NAME cluster/run_as COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/run_as.sh
        $<TARGET_FILE:gale_command> $<TARGET_FILE:cluster_run_as>)
    set_tests_properties(cluster/run_as PROPERTIES
        SKIP_RETURN_CODE 77 TIMEOUT 400)
endif()
