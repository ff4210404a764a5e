# A whole cluster in which everything is killed; it is also its topology's
# program.
add_executable(cluster_kill ${CMAKE_CURRENT_LIST_DIR}/kill.c
    ${PROJECT_SOURCE_DIR}/bench/flow.c ${PROJECT_SOURCE_DIR}/bench/house.c
    ${PROJECT_SOURCE_DIR}/bench/interrupt.c ${PROJECT_SOURCE_DIR}/bench/tools.c)
target_include_directories(cluster_kill PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(cluster_kill PRIVATE gale_static gale_compile)
add_dependencies(cluster_kill gale_command)
foreach(name workers daemons anything stopped power_cut cut_early
        dev_dies killed_by_name ended left_alone off_and_on)
    add_test(NAME cluster/kill/${name}
        COMMAND cluster_kill ${name} $<TARGET_FILE:gale_command>)
    set_tests_properties(cluster/kill/${name} PROPERTIES
        RESOURCE_LOCK cluster_ports TIMEOUT 400)
endforeach()
