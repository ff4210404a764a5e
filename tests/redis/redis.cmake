# States in Redis: with servers of our own, each on a socket in a directory of
# its test's, so that none of the system's is needed, or touched.
find_program(REDIS_SERVER redis-server)
if(NOT GALE_REDIS OR NOT REDIS_SERVER OR GALE_SANITIZE STREQUAL thread)
    if(GALE_REDIS AND NOT REDIS_SERVER)
        message(NOTICE "redis-server is not there: gale_redis is not tested")
    endif()
    return()
endif()

function(redis_test name source)
    add_executable(redis_${name} ${source})
    target_compile_definitions(redis_${name} PRIVATE
        HOUSE_REDIS REDIS_SERVER="${REDIS_SERVER}")
    target_include_directories(redis_${name} PRIVATE
        ${PROJECT_SOURCE_DIR}/tests/unit/state)
    target_link_libraries(redis_${name} PRIVATE
        gale_redis_objects test_support)
    add_test(NAME redis/${name} COMMAND redis_${name})
    set_tests_properties(redis/${name} PROPERTIES TIMEOUT 400)
endfunction()

# What every store promises, and what this one does beside.
foreach(name map map_more model)
    redis_test(${name} ${PROJECT_SOURCE_DIR}/tests/unit/state/test_${name}.c)
endforeach()
foreach(name redis cuts)
    redis_test(${name} ${CMAKE_CURRENT_LIST_DIR}/test_${name}.c)
endforeach()

# A whole topology over it.
add_executable(redis_wordcount ${CMAKE_CURRENT_LIST_DIR}/wordcount.c)
target_compile_definitions(redis_wordcount PRIVATE
    REDIS_SERVER="${REDIS_SERVER}")
target_link_libraries(redis_wordcount PRIVATE gale_redis_static gale_compile)
add_test(NAME redis/wordcount COMMAND redis_wordcount)
set_tests_properties(redis/wordcount PROPERTIES TIMEOUT 400)
