"""What the route search knows: the problem (constant) and the state (moving).

Node indices: stops 0..n-1; then a start and an end sentinel for each route
slot (n + 2r and n + 2r + 1); then the pool of reload stops. Trip indices: slot
r's first trip is r, the trip after reload node v is ``slots + v - reloads_at``.
Location ``locations`` (one past the last) is nowhere: distance 0 to all; open
routes end there.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t

cdef enum:
    NONE = -1

cdef enum Kind:
    PLAIN = 0      # additive loads only
    TIMED = 1      # and one window a stop
    SPANNED = 2    # and a limit on, or a price of, duration
    PAIRED = 3     # shipments with windows
    GENERAL = 4    # anything: judged by walking the route

cdef enum Feature:
    FLEET = 1        # vehicle types differ in cost or capacity
    LIMITS = 2       # distance or number of stops is limited
    SKILLS = 4       # some type may not serve some stop
    BACKHAUL = 8     # some arcs are forbidden by what the stops carry
    OPTIONAL = 16    # some stop may stay unserved
    GROUPS = 32      # exclusive groups
    RELOADS = 64     # a vehicle may reload
    PAIRS = 128      # shipments
    MIXED = 256      # deliveries and collections share the vehicle
    WINDOWS = 512    # several windows a stop
    DURATION = 1024  # duration is limited or priced
    TWINS = 2048     # some types differ in capacity and cost only
    RELEASES = 4096  # goods of some stop are released later than at 0

cdef extern from *:
    """
    #include <stdint.h>
    #define ROUTER_NO_WAY ((int64_t)2147483647)
    #define ROUTER_FAR ((int64_t)1 << 60)
    """
    const int64_t NO_WAY "ROUTER_NO_WAY"  # length of an arc that must not be used
    const int64_t FAR "ROUTER_FAR"        # beyond every cost and time

ctypedef struct Travel:
    const int32_t* distances  # (locations + 1)**2 row-major, or NULL: computed
    const int32_t* durations  # same shape, or NULL: equal to the distances
    const double* xs
    const double* ys
    double scale              # Euclidean: factor; great circle: detour
    double speed              # great circle: metres per second; 0: Euclidean
    int32_t floor             # round down instead of to nearest
    int32_t symmetric         # the same in both directions

ctypedef struct Problem:
    int32_t n, slots, nodes, reloads_at, reload_pool
    int32_t types, depots, groups, profiles, locations
    int32_t adds              # additive load dimensions A
    int32_t dims              # dimensions D of mixed loads
    int32_t near_count        # K
    int32_t kind
    uint32_t features
    int64_t stride            # locations + 1
    int32_t symmetric         # one profile, the same in both directions
    int32_t straight          # symmetric, and no detour is shorter but for rounding
    int32_t as_far            # one profile, durations are distances
    const Travel* travel
    # stops (n)
    const int32_t* place      # location
    const int64_t* service
    const int64_t* open       # first window's start
    const int64_t* close      # last window's end
    const int32_t* first_window   # (n + 1) into window_open, window_close
    const int64_t* window_open
    const int64_t* window_close
    const int64_t* release
    const int64_t* add        # (n, A)
    const int64_t* deliver    # (n, D)
    const int64_t* collect    # (n, D)
    const int64_t* carry      # (n, D) of shipments, > 0 at pickups, < 0 at deliveries
    const int32_t* mate       # other stop of the shipment, or NONE
    const uint8_t* pickup     # 1 at the pickup of a shipment
    const int32_t* nature     # bits: 1 delivers, 2 collects; see penalty
    const int64_t* prize      # (n) of the job; -1: required
    const int32_t* group      # of the stop, or NONE
    const int32_t* group_first    # (groups + 1) into members
    const int32_t* members
    const int32_t* near       # (n, K) neighbours, nearest first; NONE: no more
    int32_t* near_used        # (n) how many there are
    int32_t* near_length      # (n, K) distance to them where symmetric, else 0
    int32_t* near_short       # (n, K) that and to the nearer of them and an end of routes, likewise
    # vehicle types
    const int32_t* slot_type
    const int32_t* first_slot     # (types + 1)
    const int32_t* start          # depot
    const int32_t* end            # depot, or NONE: open
    const int32_t* profile
    const int64_t* capacity       # (types, A)
    const int64_t* hold           # (types, D)
    const int64_t* shift_open
    const int64_t* shift_close
    const int64_t* fixed
    const int64_t* per_distance
    int64_t least_per_distance    # of all types
    const int64_t* per_duration
    const int64_t* max_distance
    const int64_t* max_duration
    const int32_t* max_stops
    const int32_t* max_reloads
    const int32_t* reload_first   # (types + 1) into reload_depots
    const int32_t* reload_depots
    const int32_t* twin           # types of the same class differ in cost, capacity
    const uint8_t* allowed        # (types, n) or NULL
    # depots
    const int32_t* depot_place
    const int64_t* depot_open
    const int64_t* depot_close
    const int64_t* depot_service
    int32_t backhaul          # 0 mixed, 1 linehaul first, 2 linehaul required
    # orders of insertion: job u ranks by keys[k, u] where k is drawn by weight
    const int64_t* keys       # (key_count, n)
    const double* key_weight  # (key_count) cumulative, the rest up to 1: random order
    int32_t key_count

ctypedef struct Node:
    int32_t prev, next        # neighbours in the route; undefined when unserved
    int32_t route             # slot, or NONE: unserved
    int32_t loc               # location
    int32_t stamp             # iteration that saved this node last
    int32_t arc               # distance to next, by the route's profile; NO_WAY at most
    int32_t back              # distance from prev, likewise, of a stop
    int32_t pad

ctypedef struct Moment:
    int64_t ready             # earliest departure, service done
    int64_t latest            # latest arrival that keeps the rest possible

ctypedef struct Span:         # fastest ways through prefix (to here) and suffix
    int64_t fore              # least duration from start to departure here
    int64_t fore_latest       # latest start of the route with that prefix
    int64_t back              # least duration from arrival here to the end
    int64_t back_early        # earliest arrival here without waiting after it

ctypedef struct Route:
    int64_t distance
    int64_t duration          # only where the problem prices or limits it
    int32_t type
    int32_t size              # stops, reloads not counted
    int32_t reloads
    int32_t stamp
    int32_t dirty             # 1: differs from the best plan's copy

ctypedef struct Place:        # where a job could go, and what that adds
    int64_t delta             # cost; FAR: nowhere
    int32_t stop              # visit, or pickup
    int32_t route
    int32_t after             # node that comes before the stop
    int64_t out               # way from that node to the stop, FAR where not known
    int64_t back              # way from the stop to the node then behind it
    int32_t second            # node before the delivery (NONE: visit)
    int32_t type              # type to change the route to, or NONE
    int32_t reload_before     # depot to reload at before the stop, or NONE
    int32_t reload_after

ctypedef struct Gap:          # beside a neighbour: what one stop of a shipment adds there
    int64_t longer            # way
    int64_t out               # way from the node before the gap to the stop
    int32_t seen              # mark

ctypedef struct Verdict:
    int32_t feasible
    int32_t culprit           # stop at which the first rule breaks, or NONE
    int64_t distance, duration

ctypedef struct Ranked:
    int64_t key
    int32_t job
    int32_t pad

ctypedef struct Search:
    Problem p
    # routes
    Node* nodes
    int32_t* trip             # (nodes) trip of a node; nowhere: of an unserved stop
    int32_t nowhere           # no trip at all
    Moment* moments
    Span* spans
    int64_t* aboard           # (nodes, D) load when leaving; PAIRED
    Route* routes
    int64_t* room             # (trips, A) free capacity
    int64_t* alone            # (types, n) cost of a route for the job alone; FAR: impossible
    int32_t* reload_depot     # (reload_pool) depot of a reload node
    int32_t reload_cursor     # where to look for a free reload node next
    int32_t* empty            # (slots) per type stack of slots, may hold stale ones
    int32_t* empty_count      # (types)
    uint8_t* stacked          # (slots) 1: stands in its stack
    int32_t* group_served     # (groups) the member served, or NONE
    # unserved
    int32_t* absent           # jobs that the current plan leaves out
    int32_t* absent_at        # (n) position in absent, or NONE
    int32_t absent_count
    int32_t* patience         # (n) times a required job was left out
    int64_t absence           # price of leaving out a required job
    # one iteration
    int32_t stamp
    Node* node_log
    int32_t* node_trip_log
    Moment* moment_log
    Span* span_log
    int64_t* aboard_log
    int32_t* node_of          # node of each log entry
    int32_t logged
    Route* route_log
    int32_t* route_of
    int32_t routes_logged
    int64_t* room_log
    int32_t* trip_of
    int32_t* trip_stamp       # (trips)
    int32_t trips_logged
    Ranked* pool              # jobs to insert
    int32_t* pooled           # (n) stamp of the iteration that pooled the job
    int32_t pool_count
    int32_t lead              # job to open a route with, or NONE
    int32_t* scratch          # (nodes + 8) a sequence under judgement
    int32_t* route_seen       # (slots) marks
    int32_t* place_seen       # (nodes) marks; GENERAL
    Gap* pickups              # (nodes) by the node before the gap; PAIRED
    Gap* deliveries           # (nodes) likewise
    int32_t pickup_count      # gaps for the pickup, listed in scratch
    int32_t seen
    int64_t* walk             # (3 * (nodes + 8), A at least) along one route, or by route
    int64_t forbidden         # arcs in use that must not be
    int64_t cost              # of the current plan: routes and prizes lost
    int32_t missing           # required jobs left out
    int64_t penalty           # what they weigh in the search
    int64_t start_cost        # of the plan when the iteration began
    int64_t start_penalty
    int64_t start_forbidden
    int32_t start_missing, start_served, start_declined
    int32_t served            # stops in routes
    int32_t declined          # optional jobs left out, less those that were at first
    int32_t active            # routes with stops
    # best
    int32_t* best_next
    int32_t* best_reload
    int32_t* dirty
    int32_t dirty_count
    int64_t best_cost
    int32_t best_missing
    int64_t best_found_at     # iteration
    # chance
    uint64_t random
    int32_t blink_in          # positions until the next blink
    double blink_log          # log(1 - blink rate)
    # parameters
    double mean_removed
    int32_t longest_string
    double split_rate
    double split_depth
    double open_rate          # share of iterations that open a route
    double tail_rate          # share of iterations that exchange tails of routes
    double crowd              # what a route weighs, in temperatures above twice the last
    double appeal             # what an optional job left out weighs, likewise
    double shrink_rate        # share of iterations that fit vehicles to ruined routes
    double fit_rate           # share of iterations that look for better vehicles
    double trade_rate         # share of iterations in which two routes exchange vehicles
    double refit_rate         # share of exchanges of tails that choose vehicles anew
    int32_t retry             # absent jobs tried an iteration
    int32_t eager             # 1: optional jobs are served even where that does not pay
    # clock
    int64_t iteration
    double temperature
    int64_t lure              # what an optional job left out weighs beyond its prize, likewise
    int64_t dear              # what a route in use weighs at this temperature
    double deadline           # monotonic seconds
