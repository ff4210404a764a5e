# libgale, shared and static: the objects of all folders that a topology
# program needs, compiled once.  Daemons are in the program gale alone.
set(folders ${GALE_FOLDERS})
list(FILTER folders EXCLUDE REGEX "^(nimbus|supervisor|drpc/server)")
foreach(folder IN LISTS folders)
    string(REPLACE "/" "_" name ${folder})
    list(APPEND objects $<TARGET_OBJECTS:gale_${name}>)
endforeach()

add_library(gale SHARED ${objects})
add_library(gale_static STATIC ${objects})

set_target_properties(gale PROPERTIES
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
if(NOT GALE_SANITIZE)
    target_link_options(gale PRIVATE -Wl,--no-undefined)
endif()
set_target_properties(gale_static PROPERTIES OUTPUT_NAME gale)

foreach(target gale gale_static)
    set_target_properties(${target} PROPERTIES LINKER_LANGUAGE C)
    target_include_directories(${target} INTERFACE
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    # A callback of the wrong type must not compile: in a table of function
    # pointers it would be called.
    target_compile_options(${target} INTERFACE
        $<$<COMPILE_LANGUAGE:C>:-Werror=incompatible-pointer-types>
        $<$<COMPILE_LANGUAGE:C>:-Werror=int-conversion>
        $<$<COMPILE_LANGUAGE:C>:-Werror=return-type>)
    target_link_libraries(${target} PRIVATE yaml lz4 lmdb event_core nng mbedx509 mbedcrypto m Threads::Threads)
    add_library(gale::${target} ALIAS ${target})
endforeach()
