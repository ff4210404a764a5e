# cli: what gale_main promises, asked of a small topology by a shell.
add_executable(cli_words ${CMAKE_CURRENT_LIST_DIR}/words.c)
target_link_libraries(cli_words PRIVATE gale_static gale_compile)
add_test(NAME cli COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/cli.sh
    $<TARGET_FILE:cli_words>)

# The program gale: alone, and with a whole cluster under it.
if(NOT GALE_SANITIZE STREQUAL thread)
    add_test(NAME gale COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/gale.sh
        $<TARGET_FILE:gale_command> $<TARGET_FILE:cli_words>)
    add_test(NAME cluster/dev COMMAND
        sh ${PROJECT_SOURCE_DIR}/tests/cluster/dev.sh
        $<TARGET_FILE:gale_command> $<TARGET_FILE:wordcount>)
    set_tests_properties(cluster/dev PROPERTIES TIMEOUT 400)
endif()

# What is in a state, also while it is written to.
if(NOT GALE_SANITIZE STREQUAL thread)
    add_executable(cli_tens ${CMAKE_CURRENT_LIST_DIR}/tens.c)
    target_link_libraries(cli_tens PRIVATE gale_static gale_compile)
    add_test(NAME cli/state COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/state.sh
        $<TARGET_FILE:gale_command> $<TARGET_FILE:trident_wordcount>
        $<TARGET_FILE:cli_tens>)
    set_tests_properties(cli/state PROPERTIES TIMEOUT 400)
endif()

# What the tutorial shows of counts that are wrong, and right.
if(NOT GALE_SANITIZE)
    add_test(NAME cli/tutorial COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/tutorial.sh
        $<TARGET_FILE_DIR:wordcount>)
endif()

# The simulations that README.md and docs/testing-with-faults.md show.
if(NOT GALE_SANITIZE)
    add_test(NAME cli/guide COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/guide.sh
        $<TARGET_FILE_DIR:payments>)
endif()
