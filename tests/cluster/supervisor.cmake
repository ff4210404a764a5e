# A supervisor with real processes; it is also their program.
add_executable(cluster_supervisor ${CMAKE_CURRENT_LIST_DIR}/supervisor.c)
target_include_directories(cluster_supervisor PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(cluster_supervisor PRIVATE gale_supervisor gale_compile)
foreach(name workers_killed supervisors_killed all_killed stopped_is_found
        frozen_and_hung_are_found unwell_is_replaced programs_refused
        checks_ended deaths_told orders_change nimbus_away disk_full
        record_first busy logs_told ends_in_order)
    add_test(NAME cluster/supervisor/${name}
        COMMAND cluster_supervisor ${name})
    set_tests_properties(cluster/supervisor/${name} PROPERTIES
        RESOURCE_LOCK cluster_ports TIMEOUT 400)
endforeach()
