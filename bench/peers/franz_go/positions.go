package main

import (
	"cmp"
	"slices"
)

// What each creditor last said of each contract: the rules of risk/positions.py.

func positionOf(said *creditorSignal) position {
	if isClosed(said.kind) {
		return closedPosition(said, said.kind)
	}
	made := closedPosition(said, said.kind)
	made.amountCents = said.amountCents
	made.monthlyBillCents = said.monthlyBillCents
	made.crisis = said.crisis && said.crisisKind != endOfDelivery
	made.crisisOn = said.crisisOn
	made.arrearsSince = said.arrearsSince
	made.firstVersion = said.version
	made.firstCents = said.amountCents
	made.crisisKind = said.crisisKind
	made.handover = said.handoverWish
	made.agreed = said.effort && said.offer == consentAgreed
	return made
}

func closedPosition(said *creditorSignal, kind int64) position {
	return position{
		creditor:         said.creditor,
		contract:         said.contract,
		partnerType:      said.partnerType,
		kind:             kind,
		monthlyBillCents: none,
		reportedAt:       said.reportedAt,
		version:          said.version,
		signalID:         said.signalID,
		crisisOn:         none,
		arrearsSince:     none,
		firstVersion:     none,
		firstCents:       none,
		crisisKind:       none,
		residentKey:      said.residentKey,
	}
}

// with puts `said` in its place among `standing`, and tells whether that changed them.
func with(standing []position, said position) ([]position, bool) {
	place, known := slices.BinarySearchFunc(standing, said, byContract)
	if !known {
		return slices.Insert(standing, place, said), true
	}
	old := &standing[place]
	newer := compareAge(&said, old) > 0
	if !newer && !firstIsEarlier(&said, old) {
		return standing, false
	}
	if newer {
		*old = merged(said, old)
	} else {
		*old = merged(*old, &said)
	}
	return standing, true
}

func byContract(one, other position) int {
	return cmp.Or(cmp.Compare(one.creditor, other.creditor), cmp.Compare(one.contract, other.contract))
}

func isClosed(kind int64) bool {
	return kind == paid || kind == withdrawn
}

func isOpen(p *position) bool {
	return !isClosed(p.kind) && p.amountCents > 0
}

// counts tells whether help is to be offered for the arrears, and their signal is young enough to count.
func (p *policy) counts(each *position, today int64) bool {
	planned := each.kind == planAgreed && p.PlanAgreedPercent == 0
	return isOpen(each) && !planned && today < p.staleOn(each)
}

func (p *policy) staleOn(each *position) int64 {
	return p.dayOf(each.reportedAt) + p.partners[each.partnerType].ValidDays
}

// isExempt tells whether no minimum holds: something threatens or ends, or the resident wants help.
func isExempt(p *position) bool {
	return p.crisis || p.crisisKind != none || p.handover || p.agreed
}

func compareAge(one, other *position) int {
	return cmp.Or(
		cmp.Compare(one.version, other.version),
		cmp.Compare(one.reportedAt, other.reportedAt),
		cmp.Compare(one.signalID, other.signalID),
	)
}

// merged gives the newer of two, growth measured from the lowest version of both.
func merged(newer position, older *position) position {
	if firstIsEarlier(older, &newer) {
		newer.firstVersion, newer.firstCents = older.firstVersion, older.firstCents
	}
	return newer
}

func firstIsEarlier(one, other *position) bool {
	if one.firstVersion == none {
		return false
	}
	if other.firstVersion == none {
		return true
	}
	return one.firstVersion < other.firstVersion ||
		one.firstVersion == other.firstVersion && one.firstCents < other.firstCents
}
