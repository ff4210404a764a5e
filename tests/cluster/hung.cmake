# Callbacks that hang, as a user sees them.
add_executable(cluster_hung ${CMAKE_CURRENT_LIST_DIR}/hung.c
    ${CMAKE_CURRENT_LIST_DIR}/leap.c)
target_link_libraries(cluster_hung PRIVATE gale_static gale_compile)
set(leap)
if(NOT GALE_SANITIZE) # whose own library has to be the first
    add_library(cluster_leap MODULE ${CMAKE_CURRENT_LIST_DIR}/leap.c)
    target_link_libraries(cluster_leap PRIVATE gale_compile)
    add_dependencies(cluster_hung cluster_leap)
    set(leap $<TARGET_FILE:cluster_leap>)
endif()
if(NOT GALE_SANITIZE STREQUAL thread)
    add_test(NAME cluster/hung COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/hung.sh
        $<TARGET_FILE:gale_command> $<TARGET_FILE:cluster_hung> 5 ${leap})
    set_tests_properties(cluster/hung PROPERTIES
        RUN_SERIAL ON TIMEOUT 400)
endif()
