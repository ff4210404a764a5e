# cluster-sim: Nimbus, supervisors and workers on one thread, by seeds.
add_executable(cluster-sim
    ${CMAKE_CURRENT_LIST_DIR}/carrier.c
    ${CMAKE_CURRENT_LIST_DIR}/chief.c
    ${CMAKE_CURRENT_LIST_DIR}/host.c
    ${CMAKE_CURRENT_LIST_DIR}/host_life.c
    ${CMAKE_CURRENT_LIST_DIR}/judge.c
    ${CMAKE_CURRENT_LIST_DIR}/main.c
    ${CMAKE_CURRENT_LIST_DIR}/net.c
    ${CMAKE_CURRENT_LIST_DIR}/proc.c
    ${CMAKE_CURRENT_LIST_DIR}/show.c
    ${CMAKE_CURRENT_LIST_DIR}/work.c
    ${CMAKE_CURRENT_LIST_DIR}/world.c)
target_link_libraries(cluster-sim PRIVATE
    gale_nimbus gale_supervisor gale_local_process gale_compile)
if(GALE_SANITIZE)
    add_test(NAME whole/cluster COMMAND cluster-sim 1..40)
else()
    add_test(NAME whole/cluster COMMAND cluster-sim 1..300)
endif()
