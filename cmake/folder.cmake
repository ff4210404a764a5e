# GALE_FOLDERS, lowest first, and GALE_MAY_USE_<folder>, read from docs/layers.
# Their libraries: a/b is gale_a_b.  cli/gale is a program, and connectors are
# libraries that may not be there: they add themselves.
file(STRINGS ${PROJECT_SOURCE_DIR}/docs/layers lines REGEX "^[a-z/]+:")
list(FILTER lines EXCLUDE REGEX "^(cli/gale|connectors/[a-z]+):")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS docs/layers)
foreach(line IN LISTS lines)
    string(REGEX MATCH "^[a-z/]+" folder "${line}")
    string(REGEX REPLACE "^[a-z/]+: *" "" below "${line}")
    separate_arguments(below)
    list(APPEND GALE_FOLDERS ${folder})
    set(GALE_MAY_USE_${folder} ${below})
endforeach()

# gale_folder(FOLDER SOURCES file... [LIBS library...])
#
# Its static library, which sees the public headers and links to the
# folders below it that docs/layers allows: a call upwards does not link.
function(gale_folder folder)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBS")
    string(REPLACE "/" "_" name ${folder})
    add_library(gale_${name} STATIC ${arg_SOURCES})
    target_include_directories(gale_${name} PUBLIC
        ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR})
    target_link_libraries(gale_${name}
        PUBLIC Threads::Threads ${arg_LIBS}
        PRIVATE gale_compile)
    foreach(below IN LISTS GALE_MAY_USE_${folder})
        string(REPLACE "/" "_" below ${below})
        target_link_libraries(gale_${name} PUBLIC gale_${below})
    endforeach()
endfunction()
