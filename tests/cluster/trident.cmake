# Batches that count once, on a cluster whose workers are killed.
if(NOT GALE_SANITIZE)
    add_test(NAME cluster/trident
        COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/trident.sh
        $<TARGET_FILE:gale_command> $<TARGET_FILE:trident_wordcount>)
    set_tests_properties(cluster/trident PROPERTIES
        RUN_SERIAL ON TIMEOUT 300)
endif()

# The same when everything else is killed as well, and the power is cut.
if(NOT GALE_SANITIZE)
    add_test(NAME cluster/trident_power
        COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/trident_power.sh
        $<TARGET_FILE:gale_command> $<TARGET_FILE:trident_bank>)
    set_tests_properties(cluster/trident_power PROPERTIES
        RUN_SERIAL ON TIMEOUT 300)
endif()
