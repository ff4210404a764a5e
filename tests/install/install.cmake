# The library as others get it: installed into an empty directory, used from
# there by an example that is built out of tree in every way we offer.
set(prefix ${CMAKE_CURRENT_BINARY_DIR}/prefix)
set(check ${CMAKE_CURRENT_LIST_DIR}/check)

add_test(NAME install/empty COMMAND ${CMAKE_COMMAND} -E rm -rf ${prefix})
set_tests_properties(install/empty PROPERTIES FIXTURES_SETUP emptied)
add_test(NAME install/install COMMAND ${CMAKE_COMMAND}
    --install ${PROJECT_BINARY_DIR} --prefix ${prefix})
set_tests_properties(install/install PROPERTIES
    FIXTURES_REQUIRED emptied FIXTURES_SETUP installed)

foreach(way IN ITEMS exports listing find_package find_package_static
    pkg_config pkg_config_static redis)
    add_test(NAME install/${way} COMMAND ${check} ${way}
        ${prefix} ${CMAKE_CURRENT_BINARY_DIR}/consumer_${way}
        ${CMAKE_C_COMPILER})
    set_tests_properties(install/${way} PROPERTIES
        FIXTURES_REQUIRED installed)
endforeach()
set_tests_properties(install/redis PROPERTIES SKIP_RETURN_CODE 77)
