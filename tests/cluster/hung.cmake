# Callbacks that hang, as a user sees them.
add_executable(cluster_hung ${CMAKE_CURRENT_LIST_DIR}/hung.c)
target_link_libraries(cluster_hung PRIVATE gale_static gale_compile)
if(NOT GALE_SANITIZE STREQUAL thread)
    add_test(NAME cluster/hung COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/hung.sh
        $<TARGET_FILE:gale_command> $<TARGET_FILE:cluster_hung>)
    set_tests_properties(cluster/hung PROPERTIES
        RUN_SERIAL ON TIMEOUT 180)
endif()
