# What the compiled air-taxi search works on: flat tables of the problem, one
# calendar a resource, and the tails with their legs and charging sessions.
# Times are whole seconds since the start of the horizon, 0 to `horizon`.

from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint64_t

cdef enum:
    PARTIES = 16  # most parties on one leg
    BLOCK = 256  # seconds by which stands are counted
    FILLED = 256  # Wh between two entries of `filled_s`
    CAPS = 4  # power caps of a session: 4/4, 3/4, 2/4 and 1/4 of the charger

cdef enum:  # of relays: airtaxi_choices.pxd, airtaxi_relay.pxd
    CHOICES = 3000  # most flights that are looked at
    LABELS = 8000
    SLOT = 64  # seconds by which labels are put in order
    STRETCH = 200  # most flights of one stretch

cdef enum:  # causes: what stopped the last attempt; the names in Search.explain follow
    NO_AIRCRAFT
    PAD
    STAND
    CHARGER
    POWER
    HEADWAY
    CLOSED
    NOT_WORTH
    PILOT
    FOUND
    CAUSES

cdef struct Leg:
    int32_t corridor  # -1: a downtime spent standing at `origin`
    int32_t origin
    int32_t destination
    int32_t off  # off-block
    int32_t dep  # leaves the pad, enters the corridor
    int32_t land
    int32_t on  # on-block
    int32_t energy  # Wh
    int32_t soc  # Wh after it
    int32_t seats  # taken
    int32_t weight  # kg taken
    int32_t timetable  # 1: it is a timetable flight
    int32_t alone  # 1: its party does not share
    int32_t n  # parties on board, a timetable flight counted as one
    int32_t trips[PARTIES]

cdef struct Session:
    int32_t group  # -1: no charging in this stay
    int32_t cap  # 0..CAPS-1
    int32_t start
    int32_t end
    int32_t before  # Wh
    int32_t after
    int32_t held  # Wh at the start of which it holds the power; at most `before`

cdef struct Tail:
    int32_t kind
    int32_t start  # vertiport
    int32_t finish  # vertiport at the end, -1: any
    int32_t since  # available from
    int32_t until  # available until
    int32_t soc  # Wh at `since`
    int32_t final_soc
    int32_t n
    Leg* legs  # n of them, in time
    Session* sessions  # n + 1: stay k comes before leg k
    int32_t* offs  # off-blocks of the legs, close together to be searched

cdef struct Stands:  # of one vertiport, in use in each second
    int16_t* use  # by cells of a second
    int16_t* whole  # by blocks
    int16_t* most  # largest `use` of each block's cells

cdef struct Day:
    int32_t horizon
    int32_t ports
    int32_t corridors
    int32_t kinds
    int32_t aircraft
    int32_t trips
    int32_t most_legs  # room in each tail
    # per vertiport
    int32_t* pads
    int32_t* takeoff
    int32_t* landing
    int32_t* taxi
    int32_t* stands
    int64_t* limit_w  # -1: none
    double* fee
    double* stand_cost  # a second
    int32_t* group_from  # ports + 1; charger groups, strongest first
    int32_t* open_from  # ports + 1; none: always open
    int32_t* open_start
    int32_t* open_end
    # per charger group
    int32_t* chargers
    # per corridor
    int32_t* origin
    int32_t* destination
    int32_t* headway
    int32_t* link  # ports * ports: corridor, -1: none
    int32_t* close_from  # corridors + 1
    int32_t* close_start
    int32_t* close_end
    # per type and corridor: steps, ascending
    int32_t* step_from  # kinds * corridors + 1; none: barred
    int32_t* step_start
    int32_t* step_s
    int32_t* step_wh
    int32_t* least_block  # shortest off-block to on-block; -1: barred
    double* leg_cost  # about: flight, landing, energy
    # per type
    int32_t* seats
    int32_t* payload
    int32_t* battery
    int32_t* reserve
    int32_t* leave  # least Wh at off-block where there is a charger
    int32_t* turnaround
    int32_t* connect
    int32_t* disconnect
    double* flight_cost
    double* second_cost
    double* day_cost
    int32_t* reserve_w  # power that is accepted at the reserve
    # per type, group and cap
    int64_t* fill_from  # start in `fill`
    int32_t* fill_top  # highest level reached
    int64_t* fill  # microseconds from empty to each level
    int64_t* guess_from  # start in `guess`
    int32_t* guess_step  # seconds between its entries
    int32_t* guess_top  # its last entry
    int32_t* guess  # level that so long a charge from empty reaches
    int64_t* filled_from  # start in `filled_s`
    int32_t* filled_s  # seconds from empty to each FILLED Wh
    int64_t* grid_from  # start in `grid_w`
    int32_t* grid_w  # grid power then, by the entries of `guess`
    double wh_cost  # about
    # per aircraft: downtimes spent anywhere
    int32_t* down_from
    int32_t* down_start
    int32_t* down_end
    # per aircraft: when nobody is there to fly it, ascending
    int32_t* rest_from
    int32_t* rest_start
    int32_t* rest_end
    # per aircraft: duties of pilots who may not fly all the time
    int32_t* duty_from
    int32_t* duty_start
    int32_t* duty_end
    int32_t* duty_flight  # most seconds between departures and landings
    # per trip; a timetable flight is a trip of nobody
    int32_t* corridor  # -1: none
    int32_t* party
    int32_t* trip_kg
    int32_t* earliest  # off-block
    int32_t* latest
    int32_t* arrive_by
    int32_t* max_ride
    int32_t* solo
    int32_t* timetable
    uint64_t* types  # bit set of types that may fly it
    double* worth  # value, promises raised above all others
    double promise  # by this
    double* wait_cost
    int32_t* queue_from  # corridors + 1
    int32_t* queue  # trips by corridor, then by `earliest`
    int32_t widest  # longest window of any trip
    # calendars, one row of `horizon` seconds each
    int16_t* pad_use
    Stands* stand_use
    int16_t* charger_use
    int16_t* entry_use  # > 0: a departure here breaks a headway
    int32_t* power_use
    # state
    Tail* tails
    Tail* saved  # as they were before the step that runs
    uint8_t* touched
    Tail scratch  # one tail before it changes
    Tail spare  # another
    int32_t* tail_of  # per trip, -1: not served
    double served  # worth
    double kept  # promises in it
    double day_share  # of an aircraft's day cost that its first flight has to earn
    double spread  # share of a flight's cost by which the order of gaps is left to chance
    int32_t cause  # a Cause
    int32_t cut  # what cut a session short: 1 chargers, 2 power
    int32_t trim  # 1: charge no more than the rest of the day needs
    int64_t exchanged  # rests of days, so far
    uint64_t rng

cdef struct Choice:  # a flight for parties that nobody serves
    int32_t corridor
    int32_t first  # off-block
    int32_t last  # for all of them
    int32_t on  # on-block after `first`
    int32_t energy  # Wh, after `first`
    int32_t need  # Wh at off-block
    int32_t need_s  # seconds in which that is charged from empty; horizon: never
    double worth  # of those on board at `first`
    double wait  # what each second later costs

cdef struct Stay:  # of a lone aircraft
    int32_t port
    int32_t since
    int32_t soc  # Wh at `since`
    int32_t most  # Wh up to which it charges
    int32_t filled  # seconds in which `soc` is charged from empty here
    bint charges

cdef struct Label:  # a stretch so far
    Stay stay  # after its last landing
    int32_t ready  # first off-block from there
    double worth
    int32_t parent  # the label before, -1: the stretch begins here
    int32_t choice  # flown from there
    int32_t off
    int32_t empty  # corridor of an empty flight before it, -1: none
    int32_t empty_off
    int32_t home  # corridor of an empty flight at the stretch's end, -1: none
    int32_t home_off
    int32_t sibling  # the label made before it at its vertiport, -1: none
    int32_t next  # in its slot

cdef struct Relay:
    Choice* choice
    int32_t choices
    int32_t* start  # corridors + 1; in `choice`
    int32_t* close  # corridors: latest `last`
    Label* label
    int32_t labels
    int32_t* newest  # ports: label made last
    int32_t* slot  # first label by time
    int32_t slots
    int32_t now  # slot in hand
    int32_t low  # first off-block of the stretch
    int32_t end  # last on-block
    int32_t* chain  # STRETCH labels, last first
    Leg* legs  # laid
