package main

import (
	"slices"
	"time"
)

const monthsKept = 25

// fold is hop 1: what a creditor's signal makes of a household, by the rules of risk/household.py, risk/life.py and
// risk/lawful.py. What no signal brings about (outcomes, objections, a worker's overrule, the passing of time) is not
// here, because no event of the benchmark asks for it.
//
// It changes `row`, whose sequence is 0 for a household that was not known, and gives the risk that it comes to; false
// where the event says nothing new.
func (p *policy) fold(row *householdRow, said *event) (householdRisk, bool) {
	told := &said.signal
	barred := told.effort && told.offer == consentRefused
	if !barred && !p.isLawful(told) {
		return householdRisk{}, false
	}
	is := positionOf(told)
	if barred {
		is = closedPosition(told, withdrawn)
	}
	positions, changedPositions := with(row.positions, is)
	months, changedMonths := row.months, false
	if asks(told.kind) && !barred {
		months, changedMonths = withMonth(months, monthOf(p.dayOf(told.reportedAt)))
	}
	known := row.sequence > 0
	if known && !changedPositions && !changedMonths && said.at <= row.at {
		return householdRisk{}, false
	}
	if !known {
		row.address, row.at, row.settleOn = said.address, said.at, none
	}
	row.at = max(row.at, said.at)
	row.sequence++
	row.positions, row.months = positions, months
	row.policyVersion = p.Version
	today := p.dayOf(row.at)
	total := p.score(positions, months, today)
	row.settleOn = p.settleOn(row.settleOn, &total, today)
	row.dueOn = p.nextDay(row, &total, today)
	return p.risk(row, said.household, &total, today), true
}

func (p *policy) risk(row *householdRow, household string, total *score, today int64) householdRisk {
	ended := int64(endedOpen)
	if total.open == 0 {
		ended = p.endedBy(row, today)
	}
	return householdRisk{
		household:     household,
		sequence:      row.sequence,
		address:       row.address,
		score:         asInt(total.points),
		openPositions: total.open,
		creditors:     total.creditors,
		monthsBehind:  asInt(total.behind),
		threatening:   total.threatening,
		crisisOn:      total.crisisOn,
		endedBy:       ended,
		policyVersion: p.Version,
		at:            row.at,
	}
}

func asks(kind int64) bool {
	return kind == reported || kind == changed || kind == planBroken
}

func (p *policy) isLawful(said *creditorSignal) bool {
	if !asks(said.kind) {
		return true
	}
	rules := &p.partners[said.partnerType]
	on := p.dayOf(said.reportedAt)
	ended := rules.GroundUntil != nil && on > *rules.GroundUntil
	unsaid := !said.effort && !p.OwnEffortMayBeUnsaid
	if !rules.Accepted || !rules.Grounded || ended || unsaid {
		return false
	}
	agreed := said.effort && said.offer == consentAgreed
	if said.arrearsSince == none || agreed || said.handoverWish {
		return true
	}
	days := on - said.arrearsSince
	early := days < rules.FromDays && !said.crisis
	return !early && (rules.ToDays == nil || days <= *rules.ToDays)
}

// monthOf gives the month of a day, counted from January 1970.
func monthOf(on int64) int64 {
	day := time.Unix(on*dayMs/1000, 0).UTC()
	return int64(day.Year()-1970)*12 + int64(day.Month()) - 1
}

func withMonth(months []int64, month int64) ([]int64, bool) {
	place, known := slices.BinarySearch(months, month)
	if known || place == 0 && len(months) == monthsKept {
		return months, false
	}
	months = slices.Insert(months, place, month)
	return months[max(0, len(months)-monthsKept):], true
}

func (p *policy) settleOn(known int64, total *score, today int64) int64 {
	if total.open > 0 && p.DaysBetweenLowerings > 0 {
		return today + p.DaysBetweenLowerings
	}
	if known != none && known > today {
		return known
	}
	return none
}

// nextDay gives the next day after `today` on which time alone changes something.
func (p *policy) nextDay(row *householdRow, total *score, today int64) int64 {
	next := max(p.goneBy(row, today), today+1)
	for index := range row.positions {
		each := &row.positions[index]
		next = min(next, max(p.keptUntil(each), today+1))
		if isOpen(each) {
			next = sooner(next, p.staleOn(each), today)
		}
		if each.crisisOn != none {
			next = sooner(next, each.crisisOn+1, today)
		}
	}
	if total.crisisOn != none {
		for _, step := range p.Nearness {
			next = sooner(next, total.crisisOn-step[0], today)
		}
	}
	if row.settleOn != none {
		next = sooner(next, row.settleOn, today)
	}
	return next
}

func sooner(next, day, today int64) int64 {
	if day > today {
		return min(next, day)
	}
	return next
}

func (p *policy) keptUntil(each *position) int64 {
	saidOn := p.dayOf(each.reportedAt)
	if isOpen(each) {
		return saidOn + max(p.SilentDays, p.partners[each.partnerType].ValidDays)
	}
	if each.kind == withdrawn {
		return saidOn + p.WithdrawnDays
	}
	return saidOn + p.PaidDays
}

func (p *policy) goneBy(row *householdRow, last int64) int64 {
	gone := true
	for index := range row.positions {
		if isOpen(&row.positions[index]) {
			return last + p.SilentDays
		}
		gone = gone && row.positions[index].kind == withdrawn
	}
	if gone {
		return last + p.WithdrawnDays
	}
	return last + p.PaidDays
}

func (p *policy) endedBy(row *householdRow, today int64) int64 {
	open, planned, valid := false, false, false
	last := &row.positions[0]
	for index := range row.positions {
		each := &row.positions[index]
		if isOpen(each) {
			open = true
			planned = planned || each.kind == planAgreed
			valid = valid || today < p.staleOn(each)
		}
		later := each.reportedAt > last.reportedAt
		if later || each.reportedAt == last.reportedAt && compareAge(each, last) > 0 {
			last = each
		}
	}
	switch {
	case planned:
		return endedPlanned
	case valid:
		return endedBelowMinimum
	case open:
		return endedSilent
	case last.kind == withdrawn:
		return endedWithdrawn
	}
	return endedPaid
}
