# fuzz/X runs fuzz_X.c over its corpus first, then over what libFuzzer makes of
# it: so many inputs (on a slow machine, as many of them as it can in a minute)
# and the same ones each time, so that a change is judged by what it changed.
# For that it begins at the same seed, with a directory that is empty and that
# it does not read again after a second (-reload=0), and does without what
# depends on where the system puts the program: learning from comparisons
# (-use_cmp=0), choosing by what is rare (-entropic=0).  Fresh inputs, and all
# of its arts, are for scripts/hunt.  The time-out is for an endless loop only,
# however slow the machine.
set(GALE_FUZZ_RUNS 10000 CACHE STRING "How many inputs each fuzz test tries")
set(found ${CMAKE_CURRENT_BINARY_DIR}/found)
add_test(NAME fuzz/empty COMMAND sh -c "rm -rf '${found}' && mkdir '${found}'")
set_tests_properties(fuzz/empty PROPERTIES FIXTURES_SETUP found_emptied)

file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/fuzz_*.c)
foreach(source IN LISTS sources)
    cmake_path(GET source STEM program)
    string(REGEX REPLACE "^fuzz_" "" name ${program})
    set(corpus ${CMAKE_CURRENT_LIST_DIR}/corpus/${name})
    if(NOT IS_DIRECTORY ${corpus})
        set(corpus)
    endif()

    add_executable(${program} ${source})
    target_include_directories(${program} PRIVATE ${PROJECT_SOURCE_DIR})
    set_source_files_properties(${source} PROPERTIES
        COMPILE_OPTIONS -Wno-missing-prototypes) # libFuzzer declares it
    target_link_options(${program} PRIVATE -fsanitize=fuzzer)
    target_link_libraries(${program} PRIVATE gale_static gale_compile)
    add_test(NAME fuzz/${name} COMMAND ${program}
        -seed=1 -runs=${GALE_FUZZ_RUNS} -use_cmp=0 -entropic=0
        -reload=0 -max_total_time=60 -timeout=100
        -create_missing_dirs=1 -artifact_prefix=${found}/${name}-
        ${found}/${name} ${corpus})
    set_tests_properties(fuzz/${name} PROPERTIES
        FIXTURES_REQUIRED found_emptied)
endforeach()

# The library that programs link has no daemons.
target_link_libraries(fuzz_kept PRIVATE gale_nimbus)
target_link_libraries(fuzz_zk_value PRIVATE gale_nimbus)
target_link_libraries(fuzz_cookie PRIVATE gale_supervisor)
target_link_libraries(fuzz_record PRIVATE gale_supervisor)
target_link_libraries(fuzz_http_words PRIVATE gale_drpc_server)
