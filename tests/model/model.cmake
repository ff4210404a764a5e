# The formal model of the acker's protocol, looked at by spin.
add_test(NAME model/acker COMMAND ${CMAKE_CURRENT_LIST_DIR}/check
    ${CMAKE_C_COMPILER})
# And of what makes a batch count once.
add_test(NAME model/commit COMMAND ${CMAKE_CURRENT_LIST_DIR}/check_commit
    ${CMAKE_C_COMPILER})
set_tests_properties(model/acker model/commit PROPERTIES TIMEOUT 1200)
