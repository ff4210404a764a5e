# sim: gale-sim, with a copy of the runtime of its own in which rare states are
# counted and deliberate mistakes can be switched on (base/testpoint.h).
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.c)
foreach(folder base topology acker worker local)
    get_target_property(of_folder gale_${folder} SOURCES)
    list(TRANSFORM of_folder PREPEND ${PROJECT_SOURCE_DIR}/${folder}/)
    list(APPEND sources ${of_folder})
endforeach()

add_executable(gale-sim ${sources})
target_compile_definitions(gale-sim PRIVATE GI_TESTPOINTS)
target_include_directories(gale-sim PRIVATE
    ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
target_link_libraries(gale-sim PRIVATE
    gale_compile PkgConfig::YAML Threads::Threads m)

# What fits into a few minutes on two cores; under sanitizers a taste of it.
if(GALE_SANITIZE)
    set(seeds 1..150)
    set(fresh 5s)
else()
    set(seeds 1..1500)
    set(fresh 20s)
endif()
file(GLOB museum CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/museum/*)

add_test(NAME sim/museum COMMAND gale-sim ${museum})
add_test(NAME sim/seeds COMMAND gale-sim --seeds ${seeds})
add_test(NAME sim/fresh COMMAND gale-sim --fresh --for ${fresh})
if(NOT GALE_SANITIZE)
    add_test(NAME sim/states COMMAND gale-sim --seeds 1..1000 --states)
    add_test(NAME sim/bugs COMMAND gale-sim --bugs)
endif()
