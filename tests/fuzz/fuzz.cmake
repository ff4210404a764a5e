# fuzz/X runs fuzz_X.c a few seconds: over its corpus first, then over what
# libFuzzer makes of it.  New inputs stay in the build tree.
set(GALE_FUZZ_SECONDS 5 CACHE STRING "How long each fuzz test runs")

file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/fuzz_*.c)
foreach(source IN LISTS sources)
    cmake_path(GET source STEM program)
    string(REGEX REPLACE "^fuzz_" "" name ${program})
    set(found ${CMAKE_CURRENT_BINARY_DIR}/found/${name})
    set(corpus ${CMAKE_CURRENT_LIST_DIR}/corpus/${name})
    file(MAKE_DIRECTORY ${found})
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
        -max_total_time=${GALE_FUZZ_SECONDS} -timeout=10 -verbosity=1
        -artifact_prefix=${found}- ${found} ${corpus})
endforeach()

# The library that programs link has no daemons.
target_link_libraries(fuzz_kept PRIVATE gale_nimbus)
target_link_libraries(fuzz_zk_value PRIVATE gale_nimbus)
target_link_libraries(fuzz_cookie PRIVATE gale_supervisor)
target_link_libraries(fuzz_record PRIVATE gale_supervisor)
target_link_libraries(fuzz_http_words PRIVATE gale_drpc_server)
