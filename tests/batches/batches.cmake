# batches: trident-sim, on the runtime with test points (tests/sim).
add_executable(trident-sim
    ${CMAKE_CURRENT_LIST_DIR}/disk.c
    ${CMAKE_CURRENT_LIST_DIR}/disk_watch.c
    ${CMAKE_CURRENT_LIST_DIR}/draw.c
    ${CMAKE_CURRENT_LIST_DIR}/draw_faults.c
    ${CMAKE_CURRENT_LIST_DIR}/house.c
    ${CMAKE_CURRENT_LIST_DIR}/hunting.c
    ${CMAKE_CURRENT_LIST_DIR}/main.c
    ${CMAKE_CURRENT_LIST_DIR}/model.c
    ${CMAKE_CURRENT_LIST_DIR}/options.c
    ${CMAKE_CURRENT_LIST_DIR}/program.c
    ${CMAKE_CURRENT_LIST_DIR}/report.c
    ${CMAKE_CURRENT_LIST_DIR}/run.c
    ${CMAKE_CURRENT_LIST_DIR}/source.c
    ${CMAKE_CURRENT_LIST_DIR}/watch.c)
target_link_libraries(trident-sim PRIVATE tests_seeds)

# Always the same seeds, so that a change is judged by what it changed.
function(batches_test name)
    add_test(NAME batches/${name} COMMAND ${ARGN})
    set_tests_properties(batches/${name} PROPERTIES
        PROCESSORS 2 TIMEOUT 1200)
endfunction()

if(GALE_SANITIZE)
    batches_test(seeds trident-sim --seeds 1..100)
else()
    batches_test(seeds trident-sim --seeds 1..1000 --states)
    batches_test(bugs sh ${PROJECT_SOURCE_DIR}/tests/seeds/bugs.sh
        $<TARGET_FILE:trident-sim>)
    batches_test(cli sh ${CMAKE_CURRENT_LIST_DIR}/cli.sh
        $<TARGET_FILE:trident-sim>)
endif()
