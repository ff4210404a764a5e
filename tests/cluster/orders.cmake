# A supervisor with real processes, and orders; it is also their program.
add_executable(cluster_orders ${CMAKE_CURRENT_LIST_DIR}/orders.c)
target_include_directories(cluster_orders PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(cluster_orders PRIVATE gale_supervisor gale_compile)
foreach(name patience orders_in_parts)
    add_test(NAME cluster/orders/${name} COMMAND cluster_orders ${name})
    set_tests_properties(cluster/orders/${name} PROPERTIES
        RESOURCE_LOCK cluster_ports TIMEOUT 400)
endforeach()
