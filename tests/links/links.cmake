# links: links-sim, with a copy of the channel of its own in which deliberate
# mistakes can be switched on (wire/channel_inside.h).
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.c)
foreach(name arrivals channel channel_acks channel_greet channel_in
        channel_next)
    list(APPEND sources ${PROJECT_SOURCE_DIR}/wire/${name}.c)
endforeach()

add_executable(links-sim ${sources})
target_compile_definitions(links-sim PRIVATE GI_CHANNEL_WITH_BUGS)
target_include_directories(links-sim PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(links-sim PRIVATE gale_wire gale_compile)

add_test(NAME links/seeds COMMAND links-sim 10000)
add_test(NAME links/same COMMAND links-sim --same 300)
add_test(NAME links/bugs COMMAND links-sim --bugs 500)
