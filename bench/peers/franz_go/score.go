package main

import "math"

// score is what a household's arrears come to: the rules of risk/score.py.
type score struct {
	points      int64
	open        int64
	creditors   int64
	behind      int64
	threatening bool
	crisisOn    int64
}

func (p *policy) score(positions []position, months []int64, today int64) score {
	total := score{crisisOn: none}
	handover := false
	last := ""
	minimum := p.householdMinimumHolds(positions, today)
	for index := range positions {
		each := &positions[index]
		if !p.stands(each, today) || minimum && !isExempt(each) {
			continue
		}
		total.open++
		of := &p.partners[each.partnerType]
		unpaid := monthsOf(each.amountCents, each, of)
		total.behind += unpaid
		past := each.crisisOn != none && each.crisisOn < today
		total.threatening = total.threatening || each.crisis && !past
		handover = handover || each.handover
		if each.crisisOn != none && !past && (total.crisisOn == none || each.crisisOn < total.crisisOn) {
			total.crisisOn = each.crisisOn
		}
		// Positions stand in their creditors' order.
		if total.creditors == 0 || each.creditor != last {
			total.creditors++
			last = each.creditor
		}
		total.points += p.arrears(each, of, unpaid)
	}
	if total.open == 0 {
		return total
	}
	total.points += p.Breadth * (total.creditors - 1)
	if total.threatening {
		total.points += p.Threatening
	}
	if handover {
		total.points += p.Handover
	}
	total.points += p.persistence(months) + p.nearness(total.crisisOn, today)
	return total
}

// stands tells whether a position counts, and is not too little by itself.
func (p *policy) stands(each *position, today int64) bool {
	enough := each.amountCents >= p.partners[each.partnerType].MinimumCents
	return p.counts(each, today) && (enough || isExempt(each))
}

// householdMinimumHolds tells whether all together is too little.
func (p *policy) householdMinimumHolds(positions []position, today int64) bool {
	var sum int64
	for index := range positions {
		if p.stands(&positions[index], today) {
			sum += positions[index].amountCents
		}
	}
	return sum < p.HouseholdMinimumCents
}

func monthsOf(cents int64, each *position, of *partner) int64 {
	bill := each.monthlyBillCents
	if bill == none {
		bill = of.UsualBillCents
	}
	return cents * hundredths / bill
}

func (p *policy) arrears(each *position, of *partner, unpaid int64) int64 {
	var points int64
	if each.kind == planBroken {
		points += p.PlanBroken
	}
	share := int64(hundredths)
	if each.kind == planAgreed {
		share = p.PlanAgreedPercent
	}
	points += of.PointsPerMonth * min(unpaid, p.MonthsCap) * share / hundredths
	if each.firstCents != none && each.amountCents > each.firstCents {
		grown := monthsOf(each.amountCents-each.firstCents, each, of)
		points += p.Growth * min(grown, p.MonthsCap) * share / hundredths
	}
	return points
}

func (p *policy) persistence(months []int64) int64 {
	if len(months) < 2 {
		return 0
	}
	var points int64
	newest := months[len(months)-1]
	for _, month := range months {
		if newest-p.LookBackMonths <= month && month < newest {
			points += p.Persistence
		}
	}
	return points
}

func (p *policy) nearness(crisisOn, today int64) int64 {
	if crisisOn == none {
		return 0
	}
	left := max(0, crisisOn-today)
	for _, step := range p.Nearness {
		if left <= step[0] {
			return step[1]
		}
	}
	return 0
}

// asInt gives a sum as a field of Avro's `int` holds it.
func asInt(value int64) int64 {
	return min(math.MaxInt32, value)
}
