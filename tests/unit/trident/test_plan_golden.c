/* What some definitions are lowered to, in words. */
#include "programs.h"

#define COUNT GALE_FOLD(GALE_COUNT("n"))

static gale_batches *words_of(gale_trident *t)
{
    return gale_each(gale_new_stream(t, "lines", &lines_spout),
                     GALE_NAMES("line"), &split);
}

Test(golden, counts_of_words)
{
    gale_trident *t = begin();

    gale_persistent_aggregate(
        gale_group_by(gale_parallelism(words_of(t), 4), GALE_NAMES("word")),
        "counts", COUNT, NULL);
    expect_program(
        t, "test: 2 components, led by 'lines-batches'\n"
           "\n"
           "lines: 4 tasks\n"
           "   1  source 'lines', transactional: line str, at i64\n"
           "   2  each of line: line str, at i64, word str\n"
           "   3  fold by word, as far as rows are here: word str, n i64\n"
           "   4  send to 'counts' by word\n"
           "\n"
           "counts: 4 tasks, commits\n"
           "   1  rows of 'lines': word str, n i64\n"
           "   2  keep 'counts' by word, of what was folded there: word str, "
           "n i64\n"
           "\n"
           "states\n"
           "  counts, opaque, in 'counts' (disk): exactly once\n");
}

/* Rows themselves travel, but only what is looked at. */
Test(golden, a_reducer_does_not_fold_before_the_network)
{
    gale_trident *t = begin();

    gale_persistent_aggregate(
        gale_group_by(words_of(t), GALE_NAMES("word")), "lasts",
        GALE_FOLD(GALE_REDUCE(&last, "at")),
        &(const gale_state_opts){ .kind = GALE_STATE_NON_TRANSACTIONAL,
                                  .tasks = 2 });
    expect_program(
        t, "test: 2 components, led by 'lines-batches'\n"
           "\n"
           "lines: 1 task\n"
           "   1  source 'lines', transactional: line str, at i64\n"
           "   2  each of line: line str, at i64, word str\n"
           "   3  project: at i64, word str\n"
           "   4  send to 'lasts' by word\n"
           "\n"
           "lasts: 2 tasks, commits\n"
           "   1  rows of 'lines': at i64, word str\n"
           "   2  keep 'lasts' by word: word str, last\n"
           "\n"
           "states\n"
           "  lasts, non-transactional, in 'lasts' (disk): not exactly once, "
           "since stream 'lines' is transactional (an opaque state bears "
           "that)\n");
}

Test(golden, a_join_brings_both_sides_together)
{
    gale_trident *t = begin();
    gale_batches *w = words_of(t);
    gale_batches *paid = gale_new_stream(t, "paid", &opaque_spout);
    gale_batches *j = gale_join(w, GALE_NAMES("word"), paid, GALE_NAMES("who"),
                                GALE_JOIN_FULL);

    gale_peek(gale_parallelism(j, 3), GALE_NAMES("word"), &show);
    expect_program(
        t, "test: 3 components, led by 'lines-batches'\n"
           "\n"
           "lines: 1 task\n"
           "   1  source 'lines', transactional: line str, at i64\n"
           "   2  each of line: line str, at i64, word str\n"
           "   3  send to 'join' by word\n"
           "\n"
           "paid: 1 task, commits\n"
           "   1  source 'paid', opaque: who str, amount f64\n"
           "   2  send to 'join' by who\n"
           "\n"
           "join: 3 tasks, late\n"
           "   1  rows of 'lines': line str, at i64, word str\n"
           "   2  rows of 'paid': who str, amount f64\n"
           "   3  join by word and who (full) <- 1, 2: word str, line, at, "
           "amount\n"
           "   4  peek of word: word str, line, at, amount\n");
}

/* Who lies by the key already does not move; the other side comes to it. */
Test(golden, a_join_with_what_lies_by_its_key)
{
    gale_trident *t = begin();
    gale_batches *n = gale_group_aggregate(
        gale_group_by(words_of(t), GALE_NAMES("word")), COUNT);

    gale_peek(gale_join(n, GALE_NAMES("word"),
                        gale_new_stream(t, "paid", &opaque_spout),
                        GALE_NAMES("who"), GALE_JOIN_INNER),
              GALE_NAMES("n", "amount"), &show);
    expect_program(
        t, "test: 3 components, led by 'lines-batches'\n"
           "\n"
           "lines: 1 task\n"
           "   1  source 'lines', transactional: line str, at i64\n"
           "   2  each of line: line str, at i64, word str\n"
           "   3  fold by word, as far as rows are here: word str, n i64\n"
           "   4  send to 'join' by word\n"
           "\n"
           "paid: 1 task, commits\n"
           "   1  source 'paid', opaque: who str, amount f64\n"
           "   2  send to 'join' by who\n"
           "\n"
           "join: 1 task, late\n"
           "   1  rows of 'lines': word str, n i64\n"
           "   2  fold by word, of what was folded there: word str, n i64\n"
           "   3  rows of 'paid': who str, amount f64\n"
           "   4  join by word and who <- 2, 3: word str, n i64, amount f64\n"
           "   5  peek of n, amount: word str, n i64, amount f64\n");
}

Test(golden, a_join_with_itself_is_sent_once)
{
    gale_trident *t = begin();
    gale_batches *w = words_of(t);
    gale_batches *one = gale_project(w, GALE_NAMES("word"));

    gale_peek(gale_join(one, GALE_NAMES("word"), one, GALE_NAMES("word"),
                        GALE_JOIN_INNER),
              NULL, &show);
    expect_program(t, "test: 2 components, led by 'lines-batches'\n"
                      "\n"
                      "lines: 1 task\n"
                      "   1  source 'lines', transactional: line str, at i64\n"
                      "   2  each of line: line str, at i64, word str\n"
                      "   3  project: word str\n"
                      "   4  send to 'join' by word\n"
                      "\n"
                      "join: 1 task\n"
                      "   1  rows of 'lines': word str\n"
                      "   2  join by word and word <- 1, 1: word str\n"
                      "   3  peek of word: word str\n");
}

/* New values lie by the state's key: asking, and a second state, go on in the
 * same component. */
Test(golden, what_lies_right_does_not_move)
{
    gale_trident *t = begin();
    gale_kept *k = gale_persistent_aggregate(
        gale_group_by(words_of(t), GALE_NAMES("word")), "counts", COUNT, NULL);
    gale_batches *now =
        gale_state_query(gale_new_values(k), k, GALE_NAMES("word"),
                         GALE_FIELDS(GALE_I64("again")));

    gale_persistent_aggregate(gale_group_by(now, GALE_NAMES("word")), "most",
                              GALE_FOLD(GALE_MAX("n", NULL)), NULL);
    gale_partition_by(now, GALE_NAMES("word"));
    expect_program(
        t,
        "test: 2 components, led by 'lines-batches'\n"
        "\n"
        "lines: 1 task\n"
        "   1  source 'lines', transactional: line str, at i64\n"
        "   2  each of line: line str, at i64, word str\n"
        "   3  fold by word, as far as rows are here: word str, n i64\n"
        "   4  send to 'counts' by word\n"
        "\n"
        "counts: 1 task, commits\n"
        "   1  rows of 'lines': word str, n i64\n"
        "   2  keep 'counts' by word, of what was folded there: word str, n "
        "i64\n"
        "   3  ask 'counts' by word: word str, n i64, again\n"
        "   4  keep 'most' by word: word str, max i64\n"
        "\n"
        "states\n"
        "  counts, opaque, in 'counts' (disk): exactly once\n"
        "  most, opaque, in 'counts' (disk): exactly once\n"
        "\n"
        "notes\n"
        "  step 9, gale_partition_by of 'word' behind 'counts': nobody reads "
        "what comes of it, so it is left out\n");
}

Test(golden, merges_meet_in_one_place)
{
    gale_trident *t = begin();
    gale_batches *a = gale_new_stream(t, "a", &loose_spout);
    gale_batches *b = gale_new_stream(t, "b", &loose_spout);
    gale_batches *c = gale_new_stream(t, "c", &loose_spout);
    gale_batches *m = gale_merge(gale_merge(a, gale_where(a, NULL, &some)),
                                 gale_merge(b, c));

    gale_peek(gale_merge(m, gale_new_stream(t, "d", &loose_spout)), NULL,
              &show);
    expect_program(t, "test: 6 components, led by 'a-batches'\n"
                      "\n"
                      "a: 1 task\n"
                      "   1  source 'a', non-transactional: word str, n i64\n"
                      "   2  where of word, n: word str, n i64\n"
                      "   3  project <- 1, 2: word str, n i64\n"
                      "   4  send to 'merge-2', to one nearby\n"
                      "\n"
                      "b: 1 task\n"
                      "   1  source 'b', non-transactional: word str, n i64\n"
                      "   2  send to 'merge', to one nearby\n"
                      "\n"
                      "c: 1 task\n"
                      "   1  source 'c', non-transactional: word str, n i64\n"
                      "   2  send to 'merge', to one nearby\n"
                      "\n"
                      "merge: 1 task\n"
                      "   1  rows of 'b': word str, n i64\n"
                      "   2  rows of 'c': word str, n i64\n"
                      "   3  project <- 1, 2: word str, n i64\n"
                      "   4  send to 'merge-2', to one nearby\n"
                      "\n"
                      "d: 1 task\n"
                      "   1  source 'd', non-transactional: word str, n i64\n"
                      "   2  send to 'merge-2', to one nearby\n"
                      "\n"
                      "merge-2: 1 task\n"
                      "   1  rows of 'a': word str, n i64\n"
                      "   2  rows of 'merge': word str, n i64\n"
                      "   3  project <- 1, 2: word str, n i64\n"
                      "   4  rows of 'd': word str, n i64\n"
                      "   5  project <- 3, 4: word str, n i64\n"
                      "   6  peek of word, n: word str, n i64\n");
}

/* One stream read by several, each in its way; and all of a batch in one
 * place, where what follows stays. */
Test(golden, fan_out)
{
    gale_trident *t = begin();
    gale_batches *w = words_of(t);
    gale_batches *all = gale_aggregate(
        w, GALE_FOLD(GALE_COUNT("n"), GALE_REDUCE(&last, "at")));

    gale_peek(gale_aggregate(all, COUNT), NULL, &show);
    gale_peek(gale_first_n(all, 1, NULL), NULL, &show);
    gale_peek(gale_first_n(w, 10, "-at"), NULL, &show);
    gale_peek(gale_partition(w, &chooser), NULL, &show);
    gale_peek(gale_broadcast(w), NULL, &show);
    gale_peek(gale_global(gale_partition_aggregate(w, COUNT)), NULL, &show);
    expect_program(
        t, "test: 6 components, led by 'lines-batches'\n"
           "\n"
           "lines: 1 task\n"
           "   1  source 'lines', transactional: line str, at i64\n"
           "   2  each of line: line str, at i64, word str\n"
           "   3  project: at i64\n"
           "   4  send to 'fold', one task a batch\n"
           "   5  first 10 by largest at <- 2: line str, at i64, word str\n"
           "   6  send to 'first', one task a batch\n"
           "   7  send to 'peek', as its chooser says <- 2\n"
           "   8  send to 'peek-2', all of it <- 2\n"
           "   9  fold <- 2: n i64\n"
           "  10  send to 'peek-3', its first task\n"
           "\n"
           "fold: 1 task\n"
           "   1  rows of 'lines': at i64\n"
           "   2  fold: n i64, last\n"
           "   3  fold: n i64\n"
           "   4  peek of n: n i64\n"
           "   5  first 1 <- 2: n i64, last\n"
           "   6  peek of n, last: n i64, last\n"
           "\n"
           "first: 1 task\n"
           "   1  rows of 'lines': line str, at i64, word str\n"
           "   2  first 10 by largest at: line str, at i64, word str\n"
           "   3  peek of line, at, word: line str, at i64, word str\n"
           "\n"
           "peek: 1 task\n"
           "   1  rows of 'lines': line str, at i64, word str\n"
           "   2  peek of line, at, word: line str, at i64, word str\n"
           "\n"
           "peek-2: 1 task\n"
           "   1  rows of 'lines': line str, at i64, word str\n"
           "   2  peek of line, at, word: line str, at i64, word str\n"
           "\n"
           "peek-3: 1 task\n"
           "   1  rows of 'lines': n i64\n"
           "   2  peek of n: n i64\n");
}

Test(golden, streams_that_never_meet_are_led_apart)
{
    gale_trident *t = begin();
    gale_batches *a = gale_named(gale_new_stream(t, "a", &lines_spout), "in");
    gale_batches *b = gale_new_stream(t, "b", &loose_spout);

    gale_peek(a, GALE_NAMES("at"), &show);
    gale_partition_persist(
        gale_parallelism(gale_partition_by(b, GALE_NAMES("word")), 8), "own",
        GALE_NAMES("n"), &updater,
        &(const gale_state_opts){ .store = &gale_store_memory });
    expect_program(
        t, "test: 3 components, led by 'a-batches' and 'b-batches'\n"
           "\n"
           "in: 1 task\n"
           "   1  source 'a', transactional: line str, at i64\n"
           "   2  peek of at: line str, at i64\n"
           "\n"
           "b: 1 task\n"
           "   1  source 'b', non-transactional: word str, n i64\n"
           "   2  send to 'own' by word\n"
           "\n"
           "own: 8 tasks, commits\n"
           "   1  rows of 'b': word str, n i64\n"
           "   2  update 'own' with n: key str, value i64\n"
           "\n"
           "states\n"
           "  own, opaque, in 'own' (memory): not exactly once, since stream "
           "'b' is non-transactional\n");
}

/* A projection moves the key, and rows still lie by it; by nothing else. */
Test(golden, keys_are_followed_to_where_they_are_now)
{
    gale_trident *t = begin();
    gale_batches *s = gale_new_stream(t, "lines", &lines_spout);

    s = gale_parallelism(gale_partition_by(s, GALE_NAMES("at")), 2);
    s = gale_project(s, GALE_NAMES("at", "line"));
    gale_persistent_aggregate(gale_group_by(s, GALE_NAMES("at")), "here",
                              COUNT, NULL);
    gale_persistent_aggregate(gale_group_by(s, GALE_NAMES("line")), "there",
                              COUNT, NULL);
    expect_program(
        t, "test: 3 components, led by 'lines-batches'\n"
           "\n"
           "lines: 1 task\n"
           "   1  source 'lines', transactional: line str, at i64\n"
           "   2  send to 'here' by at\n"
           "\n"
           "here: 2 tasks, commits\n"
           "   1  rows of 'lines': line str, at i64\n"
           "   2  project: at i64, line str\n"
           "   3  keep 'here' by at: at i64, n i64\n"
           "   4  fold by line, as far as rows are here <- 2: line str, n "
           "i64\n"
           "   5  send to 'there' by line\n"
           "\n"
           "there: 2 tasks, commits, late\n"
           "   1  rows of 'here': line str, n i64\n"
           "   2  keep 'there' by line, of what was folded there: line str, n "
           "i64\n"
           "\n"
           "states\n"
           "  here, opaque, in 'here' (disk): exactly once\n"
           "  there, opaque, in 'there' (disk): exactly once\n");
}
