# Workers as processes, without a supervisor; it is also their program.
add_executable(cluster_workers ${CMAKE_CURRENT_LIST_DIR}/workers.c)
target_include_directories(cluster_workers PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(cluster_workers PRIVATE gale_static gale_compile)
foreach(name one two three progress_is_told spouts_stop_and_go told_without_bells
        inactive_from_the_start killed_and_started_anew told_that_it_died moved_when_it_died
        ends_with_words other_tasks_need_another_process)
    add_test(NAME cluster/workers/${name} COMMAND cluster_workers ${name})
    set_tests_properties(cluster/workers/${name} PROPERTIES
        TIMEOUT 400 ENVIRONMENT
        TSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/race/tsan.supp)
endforeach()

# The same where workers have to show that they know the cluster's secret.
set(secret ${CMAKE_CURRENT_BINARY_DIR}/secret)
file(WRITE ${secret} "known to all of the cluster\n")
file(CHMOD ${secret} PERMISSIONS OWNER_READ OWNER_WRITE)
foreach(name three killed_and_started_anew)
    add_test(NAME cluster/workers/${name}_secret COMMAND cluster_workers ${name})
    set_tests_properties(cluster/workers/${name}_secret PROPERTIES
        TIMEOUT 400 ENVIRONMENT GALE_SECRET_FILE=${secret})
endforeach()

# The same with bolts that are called from within emits.
add_executable(cluster_fused ${CMAKE_CURRENT_LIST_DIR}/fused.c)
target_include_directories(cluster_fused PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(cluster_fused PRIVATE gale_static gale_compile)
foreach(name two three killed_and_started_anew)
    add_test(NAME cluster/fused/${name} COMMAND cluster_fused ${name})
    set_tests_properties(cluster/fused/${name} PROPERTIES
        TIMEOUT 400 ENVIRONMENT
        TSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/race/tsan.supp)
endforeach()
