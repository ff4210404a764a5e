/* Who asks a state, and where: what such definitions are lowered to. */
#include "programs.h"

#define COUNT GALE_FOLD(GALE_COUNT("n"))

static gale_batches *words_of(gale_trident *t)
{
    return gale_each(gale_new_stream(t, "lines", &lines_spout),
                     GALE_NAMES("line"), &split);
}

/* The state, who asks it from another stream with batches of its own, and what
 * becomes of that. */
Test(asking, who_asks_comes_to_the_state)
{
    gale_trident *t = begin();
    gale_kept *k = gale_persistent_aggregate(
        gale_group_by(words_of(t), GALE_NAMES("word")), "counts", COUNT,
        &(const gale_state_opts){ .tasks = 4 });
    gale_batches *asked =
        gale_state_query(gale_new_stream(t, "asked", &lines_spout), k,
                         GALE_NAMES("line"), GALE_FIELDS(GALE_I64("count")));

    gale_persistent_total(
        asked, "found", GALE_FOLD(GALE_MAX("count", "most")),
        &(const gale_state_opts){ .kind = GALE_STATE_TRANSACTIONAL });
    expect_program(
        t,
        "test: 4 components, led by 'lines-batches' and 'asked-batches'\n"
        "\n"
        "lines: 1 task\n"
        "   1  source 'lines', transactional: line str, at i64\n"
        "   2  each of line: line str, at i64, word str\n"
        "   3  fold by word, as far as rows are here: word str, n i64\n"
        "   4  send to 'counts' by word\n"
        "\n"
        "counts: 4 tasks, commits\n"
        "   1  rows of 'lines': word str, n i64\n"
        "   2  keep 'counts' by word, of what was folded there: word str, n "
        "i64\n"
        "\n"
        "asked: 1 task\n"
        "   1  source 'asked', transactional: line str, at i64\n"
        "   2  send to 'counts' by line\n"
        "\n"
        "in counts: 4 tasks, led by 'asked-batches'\n"
        "   1  rows of 'asked': line str, at i64\n"
        "   2  ask 'counts' by line: line str, at i64, count\n"
        "   3  fold, as far as rows are here: most\n"
        "   4  send to 'found', its first task\n"
        "\n"
        "found: 1 task, commits\n"
        "   1  rows of 'counts': most\n"
        "   2  keep 'found', of what was folded there: most\n"
        "\n"
        "states\n"
        "  counts, opaque, in 'counts' (disk): exactly once\n"
        "  found, transactional, in 'found' (disk): not exactly once, since a "
        "batch that is done again may come otherwise out of step 6, "
        "gale_state_query of 'line' behind 'asked' (an opaque state bears "
        "that)\n");
}

/* Rows of the stream that keeps the state: those that do not come from there
 * wait for it all the same; and those that do may come back. */
Test(asking, who_asks_in_the_same_stream_comes_behind_the_state)
{
    gale_trident *t = begin();
    gale_batches *words = words_of(t);
    gale_kept *k = gale_persistent_aggregate(
        gale_group_by(words, GALE_NAMES("word")), "counts", COUNT,
        &(const gale_state_opts){ .tasks = 4 });
    gale_function *f =
        &(gale_function){ .output = GALE_FIELDS(GALE_STR("next")),
                          .apply = apply_nothing };

    gale_peek(gale_state_query(words, k, GALE_NAMES("line"),
                               GALE_FIELDS(GALE_I64("count"))),
              NULL, &show);
    gale_peek(gale_state_query(
                  gale_each(gale_new_values(k), GALE_NAMES("word"), f), k,
                  GALE_NAMES("next"), GALE_FIELDS(GALE_I64("count"))),
              NULL, &show);
    expect_program(
        t, "test: 2 components, led by 'lines-batches'\n"
           "\n"
           "lines: 1 task\n"
           "   1  source 'lines', transactional: line str, at i64\n"
           "   2  each of line: line str, at i64, word str\n"
           "   3  fold by word, as far as rows are here: word str, n i64\n"
           "   4  send to 'counts' by word\n"
           "   5  send to 'counts' by line <- 2\n"
           "\n"
           "counts: 4 tasks, commits\n"
           "   1  rows of 'lines': word str, n i64\n"
           "   2  keep 'counts' by word, of what was folded there: word str, "
           "n i64\n"
           "   3  each of word: word str, n i64, next str\n"
           "   4  send to 'counts' by next\n"
           "\n"
           "in counts: 4 tasks, late\n"
           "   1  rows of 'lines': line str, at i64, word str\n"
           "   2  ask 'counts' by line: line str, at i64, word str, count\n"
           "   3  peek of line, at, word, count: line str, at i64, word str, "
           "count\n"
           "\n"
           "in counts: 4 tasks, late\n"
           "   1  rows of 'counts': word str, n i64, next str\n"
           "   2  ask 'counts' by next: word str, n i64, next str, count\n"
           "   3  peek of word, n, next, count: word str, n i64, next str, "
           "count\n"
           "\n"
           "states\n"
           "  counts, opaque, in 'counts' (disk): exactly once\n");
}

/* Streams that meet are numbered together, and so are one to a state. */
Test(asking, streams_that_meet_ask_as_one)
{
    gale_trident *t = begin();
    gale_batches *words = words_of(t);
    gale_kept *k = gale_persistent_aggregate(
        gale_group_by(words, GALE_NAMES("word")), "counts", COUNT, NULL);
    gale_batches *asked = gale_new_stream(t, "asked", &loose_spout);

    gale_peek(gale_state_query(asked, k, GALE_NAMES("word"),
                               GALE_FIELDS(GALE_I64("count"))),
              NULL, &show);
    gale_peek(gale_merge(gale_project(asked, GALE_NAMES("word")),
                         gale_project(words, GALE_NAMES("word"))),
              NULL, &show);
    expect_program(
        t, "test: 4 components, led by 'asked-batches'\n"
           "\n"
           "lines: 1 task\n"
           "   1  source 'lines', transactional: line str, at i64\n"
           "   2  each of line: line str, at i64, word str\n"
           "   3  fold by word, as far as rows are here: word str, n i64\n"
           "   4  send to 'counts' by word\n"
           "   5  project <- 2: word str\n"
           "   6  send to 'merge', to one nearby\n"
           "\n"
           "counts: 1 task, commits\n"
           "   1  rows of 'lines': word str, n i64\n"
           "   2  keep 'counts' by word, of what was folded there: word str, "
           "n i64\n"
           "\n"
           "asked: 1 task\n"
           "   1  source 'asked', non-transactional: word str, n i64\n"
           "   2  send to 'counts' by word\n"
           "   3  project <- 1: word str\n"
           "   4  send to 'merge', to one nearby\n"
           "\n"
           "in counts: 1 task, late\n"
           "   1  rows of 'asked': word str, n i64\n"
           "   2  ask 'counts' by word: word str, n i64, count\n"
           "   3  peek of word, n, count: word str, n i64, count\n"
           "\n"
           "merge: 1 task\n"
           "   1  rows of 'asked': word str\n"
           "   2  rows of 'lines': word str\n"
           "   3  project <- 1, 2: word str\n"
           "   4  peek of word: word str\n"
           "\n"
           "states\n"
           "  counts, opaque, in 'counts' (disk): exactly once\n");
}

/* Two that ask in one component do not wait for one another; one of them keeps
 * a state there, and who asks that one has to. */
Test(asking, who_keeps_a_state_where_he_asked_comes_before_who_asks_that)
{
    gale_trident *t = begin();
    gale_batches *words = words_of(t);
    gale_kept *k = gale_persistent_aggregate(
        gale_group_by(words, GALE_NAMES("word")), "counts", COUNT, NULL);
    gale_batches *one = gale_state_query(words, k, GALE_NAMES("line"),
                                         GALE_FIELDS(GALE_I64("now")));
    gale_batches *two = gale_state_query(words, k, GALE_NAMES("line"),
                                         GALE_FIELDS(GALE_I64("now")));
    gale_kept *m = gale_persistent_aggregate(
        gale_group_by(one, GALE_NAMES("line")), "seen", COUNT, NULL);

    gale_parallelism(two, 2);
    gale_peek(gale_state_query(two, m, GALE_NAMES("line"),
                               GALE_FIELDS(GALE_I64("seen"))),
              GALE_NAMES("seen"), &show);
    expect_program(
        t, "test: 2 components, led by 'lines-batches'\n"
           "\n"
           "lines: 1 task\n"
           "   1  source 'lines', transactional: line str, at i64\n"
           "   2  each of line: line str, at i64, word str\n"
           "   3  fold by word, as far as rows are here: word str, n i64\n"
           "   4  send to 'counts' by word\n"
           "   5  send to 'counts' by line <- 2\n"
           "   6  send to 'counts' by line <- 2\n"
           "\n"
           "counts: 2 tasks, commits\n"
           "   1  rows of 'lines': word str, n i64\n"
           "   2  keep 'counts' by word, of what was folded there: word str, "
           "n i64\n"
           "\n"
           "in counts: 2 tasks, commits, late\n"
           "   1  rows of 'lines': line str, at i64, word str\n"
           "   2  ask 'counts' by line: line str, at i64, word str, now\n"
           "   3  keep 'seen' by line: line str, n i64\n"
           "\n"
           "in counts: 2 tasks, late\n"
           "   1  rows of 'lines': line str, at i64, word str\n"
           "   2  ask 'counts' by line: line str, at i64, word str, now\n"
           "   3  send to 'counts' by line\n"
           "\n"
           "in counts: 2 tasks, late\n"
           "   1  rows of 'counts': line str, at i64, word str, now\n"
           "   2  ask 'seen' by line: line str, at i64, word str, now, seen\n"
           "   3  peek of seen: line str, at i64, word str, now, seen\n"
           "\n"
           "states\n"
           "  counts, opaque, in 'counts' (disk): exactly once\n"
           "  seen, opaque, in 'counts' (disk): exactly once\n");
}
