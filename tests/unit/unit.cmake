pkg_check_modules(CRITERION REQUIRED IMPORTED_TARGET criterion)
pkg_search_module(MSGPACK REQUIRED IMPORTED_TARGET
    msgpack-c msgpackc msgpack)

# Criterion talks to its test processes over nanomsg, and libnng exports the
# names of nanomsg too.  Named first and for certain, nanomsg's own are taken.
add_library(test_support INTERFACE)
target_link_options(test_support INTERFACE
    -Wl,--no-as-needed -l:libnanomsg.so.5 -Wl,--as-needed)
target_link_libraries(test_support INTERFACE
    PkgConfig::CRITERION PkgConfig::MSGPACK gale_compile)
target_include_directories(test_support INTERFACE ${PROJECT_SOURCE_DIR})

# A test of no folder in particular speaks to the whole library; so does one of
# trident/, whose steps are tasks of a topology that somebody else runs.
file(GLOB sources CONFIGURE_DEPENDS
    ${CMAKE_CURRENT_LIST_DIR}/*/test_*.c)
foreach(source IN LISTS sources)
    cmake_path(GET source PARENT_PATH folder)
    cmake_path(GET folder FILENAME folder)
    cmake_path(GET source STEM name)
    set(library gale_${folder})
    if(NOT TARGET ${library} OR folder MATCHES "^(trident|drpc)$")
        set(library gale_static)
    elseif(folder STREQUAL "drpc_server") # speaks of tasks, and has none
        list(APPEND library gale_static)
    endif()
    add_executable(${folder}_${name} ${source})
    target_link_libraries(${folder}_${name} PRIVATE ${library} test_support)
    add_test(NAME unit/${folder}/${name} COMMAND ${folder}_${name})
endforeach()
