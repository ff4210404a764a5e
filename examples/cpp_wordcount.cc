// cpp_wordcount.cc -- a topology in C++17: how often does each word occur?
//
//     build/bin/cpp_wordcount FILE...
//
//     lines --shuffle--> split --by word--> count --> "count word", sorted
//
// What it teaches: the tables in C++, and an object for each task.
//
// C++17 has no designated initializers, so a table names its members by
// assignment, in a function that returns it whole.  A task's state is a
// pointer; the object behind it is made in open or prepare and deleted in
// close or cleanup.  No exception may leave a callback: the runtime is C.
#include <cinttypes>
#include <cstdio>
#include <exception>
#include <fstream>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <unordered_map>

#include <gale/gale.h>

namespace
{

// --------------------------------------------------------------- lines --

struct Lines {
    const char *const *names = nullptr;
    std::size_t files = 0;
    std::size_t next = 0; // file to open
    std::ifstream in;
    std::uint64_t number = 0;
};

gale_err lines_open(void *self, gale_spout_ctx *ctx)
try {
    auto l = std::make_unique<Lines>();

    l->files = gale_task_args(gale_spout_task(ctx), &l->names);
    for (std::size_t i = 0; i < l->files; i++) {
        if (std::ifstream(l->names[i]).is_open())
            continue;
        gale_task_error(gale_spout_task(ctx), "cannot open %s", l->names[i]);
        return GALE_EIO;
    }
    *static_cast<Lines **>(self) = l.release(); // close will delete it
    return GALE_OK;
} catch (const std::bad_alloc &) {
    return GALE_ENOMEM;
}

bool lines_next(void *self, gale_spout_ctx *ctx)
try {
    Lines *l = *static_cast<Lines **>(self);
    std::string line;

    while (!std::getline(l->in, line)) {
        if (l->next == l->files)
            return false;
        l->in = std::ifstream(l->names[l->next++]);
    }
    gale_str text = { line.data(), static_cast<std::uint32_t>(line.size()) };
    gale_spout_emit(ctx, l->number++, GALE_ROW(gale_val_str(text)));
    return true;
} catch (const std::exception &e) {
    gale_task_error(gale_spout_task(ctx), "%s", e.what());
    return false;
}

void lines_close(void *self, gale_spout_ctx *)
{
    delete *static_cast<Lines **>(self);
}

gale_spout lines_spout()
{
    gale_spout s = {};

    s.state_size = sizeof(Lines *);
    s.output = GALE_FIELDS(GALE_STR("line"));
    s.open = lines_open;
    s.next = lines_next;
    s.close = lines_close;
    return s;
}

// --------------------------------------------------------------- split --

bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

gale_verdict split_execute(void *, const gale_tuple *in, gale_bolt_ctx *ctx)
try {
    gale_str line = gale_tuple_str(in, 0);
    std::string word;

    for (std::uint32_t i = 0; i <= line.len; i++) {
        if (i < line.len && is_letter(line.ptr[i])) {
            word += static_cast<char>(line.ptr[i] | 0x20);
        } else if (!word.empty()) {
            gale_emit(ctx, GALE_ROW(gale_val_cstr(word.c_str())));
            word.clear();
        }
    }
    return GALE_ACK;
} catch (const std::bad_alloc &) {
    return GALE_FAIL; // replayed when there may be memory again
}

gale_bolt split_bolt()
{
    gale_bolt b = {};

    b.output = GALE_FIELDS(GALE_STR("word"));
    b.execute = split_execute;
    return b;
}

// --------------------------------------------------------------- count --

using Counts = std::unordered_map<std::string, std::int64_t>;

// Of all tasks, sorted.  Cleanups are called one at a time, in the order of
// the tasks' numbers, so nobody else touches it.
std::map<std::string, std::int64_t> total;

gale_err count_prepare(void *self, gale_bolt_ctx *)
{
    auto *c = new (std::nothrow) Counts;

    *static_cast<Counts **>(self) = c;
    return c == nullptr ? GALE_ENOMEM : GALE_OK;
}

gale_verdict count_execute(void *self, const gale_tuple *in, gale_bolt_ctx *)
try {
    gale_str word = gale_tuple_str(in, 0);

    ++(**static_cast<Counts **>(self))[std::string(word.ptr, word.len)];
    return GALE_ACK;
} catch (const std::bad_alloc &) {
    return GALE_FAIL;
}

void count_cleanup(void *self, gale_bolt_ctx *ctx)
try {
    gale_task *task = gale_bolt_task(ctx);
    std::unique_ptr<Counts> counts(*static_cast<Counts **>(self));

    for (const auto &[word, n] : *counts)
        total[word] += n;
    if (gale_task_index(task) + 1 < gale_task_count(task))
        return;
    for (const auto &[word, n] : total)
        std::printf("%" PRId64 " %s\n", n, word.c_str());
} catch (const std::bad_alloc &) {
    gale_task_error(gale_bolt_task(ctx), "no memory to add up the counts");
}

gale_bolt count_bolt()
{
    gale_bolt b = {};

    b.state_size = sizeof(Counts *);
    b.prepare = count_prepare;
    b.execute = count_execute;
    b.cleanup = count_cleanup;
    return b;
}

// ------------------------------------------------------------ topology --

const gale_spout lines = lines_spout();
const gale_bolt split = split_bolt();
const gale_bolt count = count_bolt();

gale_component spout_component(const char *id, const gale_spout *spout)
{
    gale_component c = {};

    c.id = id;
    c.spout = spout;
    return c;
}

gale_component bolt_component(const char *id, const gale_bolt *bolt,
                              const gale_input *inputs, std::uint32_t tasks)
{
    gale_component c = {};

    c.id = id;
    c.bolt = bolt;
    c.inputs = inputs;
    c.tasks = tasks;
    return c;
}

const gale_component components[] = {
    spout_component("lines", &lines),
    bolt_component("split", &split, GALE_INPUTS(GALE_SHUFFLE("lines")), 2),
    bolt_component("count", &count, GALE_INPUTS(GALE_BY("split", "word")), 2),
};

gale_topology wordcount()
{
    gale_topology t = {};

    t.abi = GALE_ABI;
    t.name = "cpp_wordcount";
    t.components = GALE_COMPONENTS(components);
    t.about = "Counts the words of files.";
    t.args = "FILE...";
    return t;
}

} // namespace

int main(int argc, char **argv)
{
    const gale_topology t = wordcount();

    return gale_main(argc, argv, &t);
}
