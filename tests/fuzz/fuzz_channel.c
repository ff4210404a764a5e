/* Any row of things that happen to an end of a link, most of them letters of a
 * peer that says what it likes: every frame that was offered comes back once,
 * none is taken twice or out of order, and no more than was agreed upon. */
#include <stdlib.h>

#include "bytes.h"
#include "wire/channel.h"

enum { PARCELS = 64, NUMBERS = GI_DONE_MOST, ME = 7, FRAMES = 4 };

struct end {
    gi_channel *c;
    bytes *in;
    int64_t now;
    uint64_t conn; /* the last one that there was */
    gi_parcel parcel[PARCELS];
    bool back[PARCELS];
    uint32_t offered;
    uint64_t from, taken; /* the last frame that was taken, and of whom */
    uint64_t numbers[NUMBERS];
};

/* Mostly what makes sense, or nearly. */
static uint64_t near(struct end *e, uint64_t right)
{
    switch (bytes_below(e->in, 8)) {
    case 0:
        return bytes_number(e->in);
    case 1:
        return right + 1;
    case 2:
        return right - 1;
    default:
        return right;
    }
}

static uint32_t list(struct end *e)
{
    uint32_t n = bytes_below(e->in, 8) == 0 ? bytes_below(e->in, NUMBERS) : 0;
    uint64_t at = 0;

    for (uint32_t i = 0; i < n; i++)
        e->numbers[i] = at += near(e, 1);
    return n;
}

static void come_back(struct end *e)
{
    const gi_parcel *p;

    while ((p = gi_channel_back(e->c)) != NULL) {
        assert(p >= e->parcel && p < e->parcel + e->offered);
        assert(!e->back[p - e->parcel]);
        e->back[p - e->parcel] = true;
    }
}

static void act(struct end *e)
{
    bool may_send = bytes_below(e->in, 4) != 0;
    gi_act a;

    for (int n = 0; gi_channel_next(e->c, may_send, e->now, &a); n++) {
        assert(n < 1000);
        if (a.what == GI_DO_SEND || (a.what == GI_DO_CLOSE && a.say)) {
            assert(a.letter.from == ME && a.letter.n_done <= GI_DONE_MOST);
            for (uint32_t i = 0; i < a.letter.n_done; i++)
                assert(a.letter.done[i] > a.letter.ack);
        }
    }
    come_back(e);
}

static void letter(struct end *e)
{
    gi_letter l = {
        .kind = (gi_frame_kind)(1 + bytes_below(e->in, GI_FRAME_FIN)),
        .from = near(e, 20),
        .to = near(e, ME),
        .seq = near(e, e->taken + 1),
        .ack = near(e, 0),
        .bytes = (uint32_t)near(e, 20),
    };
    gi_channel_view v;

    if (l.kind == GI_FRAME_HELLO)
        l.greeting = (gi_greeting){
            .assignment = near(e, 1),
            .attempt = near(e, e->conn),
            .key = near(e, 2),
            .wanted = near(e, 1),
            .protocol = (uint32_t)near(e, 1),
            .refused = (uint32_t)(bytes_below(e->in, 8) == 0 ? near(e, 9) : 0),
            .received = near(e, 0),
            .n_open = list(e),
            .open = e->numbers,
        };
    else
        l.n_done = list(e), l.done = e->numbers;
    if (gi_channel_arrived(e->c, near(e, e->conn), &l, e->now)) {
        assert(l.kind == GI_FRAME_DATA);
        assert(l.from > e->from || (l.from == e->from && l.seq > e->taken));
        assert(l.seq == (l.from == e->from ? e->taken + 1 : 1));
        e->from = l.from;
        e->taken = l.seq;
    }
    gi_channel_look(e->c, &v);
    assert(v.open_here <= 2 * FRAMES);
}

static void offer(struct end *e)
{
    gi_lane lane = (gi_lane)bytes_below(e->in, GI_N_LANES);
    gi_parcel *p = &e->parcel[e->offered];

    if (e->offered == PARCELS)
        return;
    *p = (gi_parcel){ .bytes = bytes_below(e->in, 64) };
    if (gi_channel_offer(e->c, lane, p) == GALE_OK)
        e->offered++;
}

static void wait(struct end *e)
{
    int64_t due = gi_channel_due(e->c);

    e->now += (int64_t)bytes_next(e->in) << bytes_below(e->in, 28);
    if (due != INT64_MAX && due > e->now && bytes_below(e->in, 2) == 0)
        e->now = due;
    gi_channel_tick(e->c, e->now);
}

static void happen(struct end *e)
{
    switch (bytes_below(e->in, 16)) {
    case 0:
        offer(e);
        break;
    case 1:
        gi_channel_up(e->c, ++e->conn, e->now);
        break;
    case 2:
        gi_channel_dial_failed(e->c, e->now);
        break;
    case 3:
        gi_channel_down(e->c, near(e, e->conn), e->now);
        break;
    case 4:
        gi_channel_peer_ended(e->c, near(e, 20), e->now);
        break;
    case 5:
        gi_channel_assign(e->c, near(e, 1), e->now);
        break;
    case 6:
        gi_channel_leave(e->c, e->now);
        break;
    case 7:
    case 8:
        gi_channel_executed(e->c, near(e, e->from), near(e, e->taken), e->now);
        break;
    case 9:
        wait(e);
        break;
    case 10:
        e->conn++; /* somebody dialed us */
        break;
    default:
        letter(e);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    bytes in = { data, len };
    struct end e = { .in = &in, .now = 1, .conn = 1 };
    gi_channel_opts o = {
        .me = ME,
        .assignment = 1,
        .key = 1,
        .peer_key = 2,
        .protocol = 1,
        .dials = bytes_below(&in, 2) == 1,
        .lane = { { FRAMES, 100 }, { FRAMES, 100 } },
        .seed = 1,
    };

    if (gi_channel_create(&e.c, &o, e.now) != GALE_OK)
        return 0;
    while (in.left > 0) {
        happen(&e);
        act(&e);
    }
    gi_channel_abandon(e.c);
    act(&e);
    for (uint32_t i = 0; i < e.offered; i++)
        assert(e.back[i]);
    gi_channel_destroy(e.c);
    return 0;
}
