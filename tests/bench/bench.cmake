# Included by bench/CMakeLists.txt.  Each case, for a moment: it runs, its
# answers are right, and it says what it promises to.
add_executable(bench_smoke ${CMAKE_CURRENT_LIST_DIR}/smoke.c)
set_target_properties(bench_smoke PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
target_link_libraries(bench_smoke PRIVATE gale_compile)

function(bench_case name)
    add_test(NAME bench/${name} COMMAND
        bench_smoke $<TARGET_FILE:gale-bench> ${name} ${ARGN})
endfunction()

bench_case(wordcount
    words_per_s_acked words_per_s_unacked ack_ratio bare_loop_words_per_s
    cost_ratio simple_loop_words_per_s simple_cost_ratio roots_acked)
bench_case(identity tuples_per_s_acked tuples_per_s_unacked ack_ratio)
bench_case(latency
    p50_us p99_us p999_us max_us cpu cpu_percent load_10 load_80
    ideal_p99_us over_ideal delay_p99_us over_delay)
bench_case(machine
    gone_percent gaps_100us_per_s gaps_1ms_per_s longest_gap_us
    ideal_10_p99_us ideal_80_p99_us wake_p50_us wake_p99_us ring_hop_ns)
bench_case(backpressure
    false_replays dropped peak_rss_bytes bound_bytes)
bench_case(micro
    empty_turn_ns ring_push_pop_ns ring_hop_ns emit_ns emit_tracked_ns
    emit_execute_ns emit_execute_ack_ns ledger_update_ns edge_id_ns
    hist_record_ns frontier_made_done_ns tuple_claim_ns frame_encode_ns
    frame_decode_ns)
bench_case(codec
    words_1 words_4 words_16 numbers_4 notes crc_gb_per_s crc_table_gb_per_s
    lz4_pack_gb_per_s lz4_unpack_gb_per_s lz4_packed_to)
bench_case(recovery
    up_ms first_ack_shown_ms detected_ms replaced_p99_ms first_replay_ms
    stall_ms worst_ms numbers lost acked_too_early parts_duplicated)
bench_case(processes
    tuples_per_s_two cpu_ns_two half_load_p99_ms_two tuples_per_s_one
    cpu_ns_one two_to_one)
bench_case(together
    keys_13000 keys_100000 keys_1000000 words_per_s_execute
    words_per_s_execute_batch ratio)
bench_case(hash
    bytes_8 bytes_32 bytes_128 bytes_1024 tuples_per_s_own
    tuples_per_s_handed ratio)
bench_case(fused
    bytes_16 bytes_1024 bytes_8192 bytes_65536 rows_per_s_batches
    rows_per_s_calls ratio)
bench_case(exactly-once
    eo_tuples_per_s alo_tuples_per_s ratio tracked_tuples_per_s
    tracked_ratio commit_p50_ms commit_p99_ms recovery_ms)
bench_case(trident-idle
    cpu_percent wakeups_per_s rss_mb asked woken commit_p50_ms commit_p99_ms)
bench_case(idle dev nimbus supervisor worker cpu_percent rss_mb pss_mb)
bench_case(scale
    tasks fields bytes keys pending depth fan_out loops workers at_1000
    cpu_ns wall_ns bytes_per_pending_root worst_step)
set_tests_properties(bench/recovery bench/processes bench/idle PROPERTIES
    RESOURCE_LOCK cluster_ports TIMEOUT 400)
set_tests_properties(bench/scale PROPERTIES
    RESOURCE_LOCK cluster_ports TIMEOUT 300)
add_test(NAME bench/cli COMMAND
    sh ${CMAKE_CURRENT_LIST_DIR}/cli.sh $<TARGET_FILE:gale-bench>)

add_executable(bench_words ${CMAKE_CURRENT_LIST_DIR}/words.c
    ${PROJECT_SOURCE_DIR}/bench/words.c)
set_target_properties(bench_words PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
target_link_libraries(bench_words PRIVATE gale_static gale_compile)
target_include_directories(bench_words PRIVATE ${PROJECT_SOURCE_DIR})
add_test(NAME bench/words COMMAND bench_words)

add_executable(bench_gaps ${CMAKE_CURRENT_LIST_DIR}/gaps.c
    ${PROJECT_SOURCE_DIR}/bench/gaps.c ${PROJECT_SOURCE_DIR}/bench/run_delay.c)
set_target_properties(bench_gaps PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
target_link_libraries(bench_gaps PRIVATE gale_static gale_compile m)
target_include_directories(bench_gaps PRIVATE ${PROJECT_SOURCE_DIR})
add_test(NAME bench/gaps COMMAND bench_gaps)
