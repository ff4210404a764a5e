# cli: what gale_main promises, asked of a small topology by a shell.
add_executable(cli_words ${CMAKE_CURRENT_LIST_DIR}/words.c)
target_link_libraries(cli_words PRIVATE gale_static gale_compile)
add_test(NAME cli COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/cli.sh
    $<TARGET_FILE:cli_words>)
