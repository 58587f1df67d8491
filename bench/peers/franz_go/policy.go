package main

import (
	"encoding/json"
	"os"
	"sort"
)

const (
	hundredths = 100
	dayMs      = 24 * 60 * 60 * 1000
)

// Symbols of the enumerations that the policy names, each in its schema's order.
var (
	partnerTypes = []string{
		"OTHER", "RENT", "HEALTH", "ENERGY", "WATER", "MORTGAGE", "INCOME_TAX", "BENEFITS_RECLAIM",
		"STUDENT_DEBT", "CARE_CONTRIBUTION", "HEALTH_DEFAULTERS", "MUNICIPAL_TAX",
	}
	bands   = []string{"NONE", "LOW", "MEDIUM", "HIGH", "URGENT"}
	actions = []string{"UNKNOWN", "LETTER", "MESSAGE", "PHONE", "VISIT", "SEVERAL_ATTEMPTS"}
	norms   = []string{"UNKNOWN", "MUNICIPAL", "LEGAL"}
)

type partner struct {
	Accepted       bool   `json:"accepted"`
	Grounded       bool   `json:"grounded"`
	GroundUntil    *int64 `json:"ground_until"`
	FromDays       int64  `json:"from_days"`
	ToDays         *int64 `json:"to_days"`
	ValidDays      int64  `json:"valid_days"`
	MinimumCents   int64  `json:"minimum_cents"`
	PointsPerMonth int64  `json:"points_per_month"`
	UsualBillCents int64  `json:"usual_bill_cents"`
}

type threshold struct {
	Enter  int64  `json:"enter"`
	Leave  int64  `json:"leave"`
	Action string `json:"action"`
	action int64
}

// policy has the numbers of one policy as risk/policy.py has them.
type policy struct {
	Version                string               `json:"version"`
	OwnEffortMayBeUnsaid   bool                 `json:"own_effort_may_be_unsaid"`
	MonthsCap              int64                `json:"months_cap"`
	Breadth                int64                `json:"breadth"`
	PlanBroken             int64                `json:"plan_broken"`
	Threatening            int64                `json:"threatening"`
	PlanAgreedPercent      int64                `json:"plan_agreed_percent"`
	Growth                 int64                `json:"growth"`
	Persistence            int64                `json:"persistence"`
	LookBackMonths         int64                `json:"look_back_months"`
	Handover               int64                `json:"handover"`
	HouseholdMinimumCents  int64                `json:"household_minimum_cents"`
	FirstTalkDays          int64                `json:"first_talk_days"`
	FirstTalkNorm          string               `json:"first_talk_norm"`
	ThreateningDays        int64                `json:"threatening_days"`
	ThreateningNorm        string               `json:"threatening_norm"`
	ThreateningWorkingDays bool                 `json:"threatening_working_days"`
	DaysBetweenLowerings   int64                `json:"days_between_lowerings"`
	PaidDays               int64                `json:"paid_days"`
	WithdrawnDays          int64                `json:"withdrawn_days"`
	SilentDays             int64                `json:"silent_days"`
	Nearness               [][2]int64           `json:"nearness"`
	Partners               map[string]partner   `json:"partners"`
	Bands                  map[string]threshold `json:"bands"`
	Zone                   struct {
		Since []int64 `json:"since"`
		Ahead []int64 `json:"ahead"`
	} `json:"zone"`

	partners   []partner
	thresholds []threshold
	holidays   map[int64]bool
	events     int // the schema of the events that are read
}

// readPolicy reads what the benchmark hands over, and checks the schemas beside it.
func readPolicy(file string) (*policy, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var given struct {
		Policy    policy         `json:"policy"`
		Holidays  []int64        `json:"holidays"`
		SchemaIDs map[string]int `json:"schema_ids"`
	}
	if err := json.Unmarshal(data, &given); err != nil {
		return nil, err
	}
	checkSchemas(given.SchemaIDs)
	read := &given.Policy
	read.events = given.SchemaIDs["HouseholdEvent"]
	for _, name := range partnerTypes {
		read.partners = append(read.partners, read.Partners[name])
	}
	for _, name := range bands {
		each := read.Bands[name]
		each.action = symbol(actions, each.Action)
		read.thresholds = append(read.thresholds, each)
	}
	read.holidays = make(map[int64]bool, len(given.Holidays))
	for _, day := range given.Holidays {
		read.holidays[day] = true
	}
	return read, nil
}

// symbol gives a name's place in its enumeration, 0 for one that it does not have.
func symbol(names []string, name string) int64 {
	for place, each := range names {
		if each == name {
			return int64(place)
		}
	}
	return 0
}

// dayOf gives the civil day of a moment.
func (p *policy) dayOf(at int64) int64 {
	after := sort.Search(len(p.Zone.Since), func(index int) bool { return p.Zone.Since[index] > at })
	return floorDiv(at+p.Zone.Ahead[max(0, after-1)], dayMs)
}

func floorDiv(value, by int64) int64 {
	whole := value / by
	if value%by < 0 {
		whole--
	}
	return whole
}

// threateningTalkBy gives the day by which a first talk is due in a threatening situation.
func (p *policy) threateningTalkBy(today int64) int64 {
	if !p.ThreateningWorkingDays {
		return today + p.ThreateningDays
	}
	day := today
	for left := p.ThreateningDays; left > 0; {
		day++
		// 1 January 1970 was a Thursday.
		if (day+3)%7 < 5 && !p.holidays[day] {
			left--
		}
	}
	return day
}
