# Nimbus as a process; it is also the program that is that process.
add_executable(cluster_nimbus ${CMAKE_CURRENT_LIST_DIR}/nimbus.c)
target_include_directories(cluster_nimbus PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(cluster_nimbus PRIVATE gale_nimbus gale_compile)
foreach(name a_restart_forgets_nothing killed_at_any_moment
        a_report_waits_until_there_is_news it_ends_in_order one_a_directory
        a_port_that_is_taken_is_said a_write_that_fails_ends_it
        a_full_disk_ends_it_and_loses_nothing
        a_damaged_store_is_a_persons_matter an_upload_goes_on_where_it_was
        in_a_thread_it_is_stopped_by_a_descriptor)
    add_test(NAME cluster/nimbus/${name} COMMAND cluster_nimbus ${name})
    set_tests_properties(cluster/nimbus/${name} PROPERTIES TIMEOUT 400)
endforeach()

add_executable(cluster_mirror ${CMAKE_CURRENT_LIST_DIR}/mirror.c)
target_include_directories(cluster_mirror PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(cluster_mirror PRIVATE gale_nimbus gale_compile)
foreach(name programs_come_by_themselves a_leader_that_dies_is_asked_again
        who_follows_nobody_asks_nobody
        a_submission_waits_until_its_program_is_safe)
    add_test(NAME cluster/mirror/${name} COMMAND cluster_mirror ${name})
    set_tests_properties(cluster/mirror/${name} PROPERTIES TIMEOUT 400)
endforeach()

add_executable(cluster_several ${CMAKE_CURRENT_LIST_DIR}/several.c)
target_include_directories(cluster_several PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(cluster_several PRIVATE gale_nimbus gale_compile)
foreach(name the_next_leader_knows_all_and_has_the_program
        requests_wait_while_nobody_leads a_report_that_waits_is_heard_anew
        who_cannot_write_lets_another_lead)
    add_test(NAME cluster/several/${name} COMMAND cluster_several ${name})
    set_tests_properties(cluster/several/${name} PROPERTIES TIMEOUT 400)
endforeach()
