# Questions to a topology, while workers and the DRPC server are killed.
if(NOT GALE_SANITIZE)
    add_test(NAME cluster/drpc
        COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/drpc.sh
        $<TARGET_FILE:gale_command> $<TARGET_FILE:reach>)
    set_tests_properties(cluster/drpc PROPERTIES RUN_SERIAL ON TIMEOUT 300)
endif()
