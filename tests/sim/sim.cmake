# sim: gale-sim, with a copy of the runtime (trident-sim's, too) in which rare
# states are counted and deliberate mistakes can be switched on
# (base/testpoint.h).
# museum/ keeps the scenarios that once found something, as gale-sim prints
# them, each with a word on what it was; they always run.
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.c)
set(folders ${GALE_FOLDERS})
list(FILTER folders EXCLUDE REGEX
    "^(nimbus|supervisor|drpc/server|local/process|cli)")
foreach(folder IN LISTS folders)
    string(REPLACE "/" "_" name ${folder})
    get_target_property(of_folder gale_${name} SOURCES)
    list(TRANSFORM of_folder PREPEND ${PROJECT_SOURCE_DIR}/${folder}/)
    list(APPEND of_runtime ${of_folder})
    get_target_property(of_folder gale_${name} LINK_LIBRARIES)
    list(FILTER of_folder EXCLUDE REGEX "gale_")
    list(APPEND libraries ${of_folder})
endforeach()

add_library(gale_testpoints STATIC EXCLUDE_FROM_ALL ${of_runtime})
target_compile_definitions(gale_testpoints PUBLIC GI_TESTPOINTS)
target_include_directories(gale_testpoints PUBLIC
    ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
list(REMOVE_DUPLICATES libraries)
target_link_libraries(gale_testpoints PUBLIC gale_compile ${libraries} m)

# What both share: seeds/ has their command line and the processes they run.
file(GLOB of_seeds CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/seeds/*.c)
add_library(tests_seeds STATIC EXCLUDE_FROM_ALL ${of_seeds})
target_link_libraries(tests_seeds PUBLIC gale_testpoints)

add_executable(gale-sim ${sources})
target_link_libraries(gale-sim PRIVATE tests_seeds)

# What fits into four minutes on two cores, and always the same seeds, so that
# a change is judged by what it changed; scripts/hunt looks for seeds that
# nobody ever ran.  Under sanitizers a taste.  What fails says which seed it
# was and how to run it again.
if(GALE_SANITIZE)
    set(seeds 1..600)
else()
    set(seeds 1..6000)
endif()
file(GLOB museum CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/museum/*)

function(sim_test name)
    add_test(NAME sim/${name} COMMAND ${ARGN})
    set_tests_properties(sim/${name} PROPERTIES
        PROCESSORS 2 TIMEOUT 1200)
endfunction()

sim_test(museum gale-sim ${museum})
if(GALE_SANITIZE)
    sim_test(seeds gale-sim --seeds ${seeds} --shrink 30s)
else()
    sim_test(seeds gale-sim --seeds ${seeds} --states --shrink 30s)
    sim_test(large gale-sim --seeds 1..40 --roots 5000 --shrink 30s)
    sim_test(bugs sh ${PROJECT_SOURCE_DIR}/tests/seeds/bugs.sh
        $<TARGET_FILE:gale-sim>)
    sim_test(cli sh ${CMAKE_CURRENT_LIST_DIR}/cli.sh $<TARGET_FILE:gale-sim>)
endif()
