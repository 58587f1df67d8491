package main

import (
	"crypto/sha1"
	"encoding/hex"
	"strconv"
)

// RFC 9562's namespace of DNS names, and that of our updates.
var (
	dns     = [16]byte{0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}
	updates = uuid5(dns, []byte("updates.eropaf.nl"))
)

func untold() rankingRow {
	return rankingRow{respondBy: none, loweredOn: none, listedOn: none, threatenedOn: none}
}

// rank is hop 2: the rules of risk/ranking.py. It changes `row`, and gives the update that is to be told; false where
// there is none.
func (p *policy) rank(row *rankingRow, risk *householdRisk) (priorityUpdate, bool) {
	if risk.sequence <= row.riskSequence {
		return priorityUpdate{}, false
	}
	before := *row
	today := p.dayOf(risk.at)
	row.riskSequence = risk.sequence
	row.band = p.slowly(&before, p.bandOf(risk, before.band), risk, today)
	if row.band < before.band {
		row.loweredOn = today
	}
	row.listedOn, row.threatenedOn, row.respondBy = none, none, none
	if row.band != bandNone {
		row.listedOn = before.listedOn
		if before.band == bandNone {
			row.listedOn = today
		}
		if risk.threatening {
			row.threatenedOn = before.threatenedOn
			if before.threatenedOn == none {
				row.threatenedOn = today
			}
		}
		row.respondBy = p.respondBy(row, risk)
	}
	if row.band == before.band && row.respondBy == before.respondBy {
		return priorityUpdate{}, false
	}
	row.sequence++
	return p.update(row, &before, risk), true
}

func (p *policy) update(row, before *rankingRow, risk *householdRisk) priorityUpdate {
	name := risk.household + ":" + strconv.FormatInt(row.sequence, 10) + ":" + strconv.FormatInt(risk.at, 10)
	update := priorityUpdate{
		updateID:      asText(uuid5(updates, []byte(name))),
		household:     risk.household,
		sequence:      row.sequence,
		address:       risk.address,
		area:          risk.address.postcode[:4],
		urgency:       risk.score,
		band:          row.band,
		respondBy:     row.respondBy,
		change:        change(row, before, risk),
		policyVersion: risk.policyVersion,
		eventAt:       risk.at,
		action:        none,
		respondByNorm: none,
	}
	if row.band != bandNone {
		update.action = p.thresholds[row.band].action
		update.respondByNorm = symbol(norms, p.FirstTalkNorm)
		if p.isSoon(row) {
			update.respondByNorm = symbol(norms, p.ThreateningNorm)
		}
	}
	return update
}

// slowly holds the band where the last lowering is too recent, and arrears still stand.
func (p *policy) slowly(row *rankingRow, band int64, risk *householdRisk, today int64) int64 {
	if risk.openPositions == 0 || band >= row.band || row.loweredOn == none {
		return band
	}
	if today < row.loweredOn+p.DaysBetweenLowerings {
		return row.band
	}
	return band
}

func (p *policy) bandOf(risk *householdRisk, told int64) int64 {
	best := int64(bandNone)
	if risk.openPositions == 0 {
		return best
	}
	for band := int64(1); band < int64(len(bands)); band++ {
		needed := p.thresholds[band].Enter
		if band <= told {
			needed = p.thresholds[band].Leave
		}
		if risk.score >= needed {
			best = band
		}
	}
	return best
}

func (p *policy) isSoon(row *rankingRow) bool {
	return row.threatenedOn != none && p.threateningTalkBy(row.threatenedOn) <= row.listedOn+p.FirstTalkDays
}

func (p *policy) respondBy(row *rankingRow, risk *householdRisk) int64 {
	due := row.listedOn + p.FirstTalkDays
	if row.threatenedOn != none {
		due = min(due, p.threateningTalkBy(row.threatenedOn))
	}
	if risk.crisisOn != none {
		due = min(due, risk.crisisOn)
	}
	return due
}

func change(row, before *rankingRow, risk *householdRisk) int64 {
	if row.band == bandNone && risk.openPositions == 0 {
		if risk.endedBy == endedWithdrawn || risk.endedBy == endedSilent {
			return changeWithdrawn
		}
		return changeClosed
	}
	if row.band > before.band || row.band == before.band && row.respondBy <= before.respondBy {
		return changeRaised
	}
	return changeLowered
}

// uuid5 is RFC 9562's version 5.
func uuid5(namespace [16]byte, name []byte) [16]byte {
	hash := sha1.Sum(append(namespace[:], name...))
	hash[6] = hash[6]&0x0f | 0x50
	hash[8] = hash[8]&0x3f | 0x80
	return [16]byte(hash[:16])
}

func asText(id [16]byte) string {
	digits := hex.EncodeToString(id[:])
	return digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:]
}
