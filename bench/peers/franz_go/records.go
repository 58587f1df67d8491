package main

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

// The versions that this codec writes. Who publishes another one of these writes it here too; an event is only read, and
// may have more fields than are known here, as long as creditors leave them empty.
var written = map[string]int{
	"HouseholdRow":   809,
	"HouseholdRisk":  303,
	"RankingRow":     904,
	"PriorityUpdate": 403,
}

// Enumerations, in the order of their symbols.
const (
	_ = iota
	reported
	changed
	paid
	planAgreed
	planBroken
	withdrawn
)

const (
	consentAgreed  = 3
	consentRefused = 4
)

const endOfDelivery = 4

const (
	endedOpen         = 0
	endedPaid         = 1
	endedWithdrawn    = 2
	endedPlanned      = 7
	endedBelowMinimum = 8
	endedSilent       = 9
)

const bandNone = 0

const (
	changeRaised    = 1
	changeLowered   = 2
	changeWithdrawn = 4
	changeClosed    = 5
)

type address struct {
	postcode    string
	houseNumber int64
	addition    string
}

type creditorSignal struct {
	signalID         string
	creditor         string
	contract         string
	kind             int64
	partnerType      int64
	amountCents      int64
	monthlyBillCents int64
	arrearsSince     int64
	reportedAt       int64
	version          int64
	effort           bool
	offer            int64
	crisis           bool
	crisisKind       int64
	crisisOn         int64
	handoverWish     bool
	residentKey      *string
}

type event struct {
	household string
	at        int64
	address   address
	signal    creditorSignal
}

type position struct {
	creditor         string
	contract         string
	partnerType      int64
	kind             int64
	amountCents      int64
	monthlyBillCents int64
	reportedAt       int64
	version          int64
	signalID         string
	crisisOn         int64
	crisis           bool
	arrearsSince     int64
	firstVersion     int64
	firstCents       int64
	crisisKind       int64
	handover         bool
	agreed           bool
	residentKey      *string
}

type householdRow struct {
	address       address
	at            int64
	sequence      int64
	positions     []position
	months        []int64
	dueOn         int64
	settleOn      int64
	policyVersion string
}

type householdRisk struct {
	household     string
	sequence      int64
	address       address
	score         int64
	openPositions int64
	creditors     int64
	monthsBehind  int64
	threatening   bool
	crisisOn      int64
	endedBy       int64
	policyVersion string
	at            int64
}

type rankingRow struct {
	sequence     int64
	band         int64
	respondBy    int64
	riskSequence int64
	loweredOn    int64
	listedOn     int64
	threatenedOn int64
}

type priorityUpdate struct {
	updateID      string
	household     string
	sequence      int64
	address       address
	area          string
	urgency       int64
	band          int64
	respondBy     int64
	change        int64
	policyVersion string
	eventAt       int64
	action        int64
	respondByNorm int64
}

// checkSchemas fails where a record has changed since this codec was written.
func checkSchemas(told map[string]int) {
	for record, schema := range written {
		if told[record] != schema {
			panic(fmt.Sprintf("%s is of schema %d, and records.go was written for %d", record, told[record], schema))
		}
	}
}

func readEvent(data []byte, schema int) event {
	r := body(data, schema)
	var read event
	read.household = r.string()
	r.string() // the event's own number
	read.at = r.long()
	if !r.some() {
		panic("an event of a creditor has an address")
	}
	read.address = r.address()
	if !r.some() {
		panic("every event of the benchmark is a creditor's signal")
	}
	read.signal = r.signal()
	r.nothing(len(r.data))
	return read
}

func (r *reader) address() address {
	return address{postcode: r.string(), houseNumber: r.long(), addition: r.string()}
}

func (w *writer) address(value *address) {
	w.string(value.postcode)
	w.long(value.houseNumber)
	w.string(value.addition)
}

func (r *reader) signal() creditorSignal {
	var read creditorSignal
	read.signalID = r.string()
	read.creditor = r.string()
	read.contract = r.string()
	read.kind = r.long()
	read.partnerType = r.long()
	read.amountCents = r.long()
	read.monthlyBillCents = r.optionalLong()
	read.arrearsSince = r.optionalLong()
	read.reportedAt = r.long()
	read.version = r.long()
	if read.effort = r.some(); read.effort {
		r.bool() // personal contact
		r.bool() // pointed at debt help
		r.long() // written reminders
		read.offer = r.long()
	}
	read.crisisKind, read.crisisOn = none, none
	if read.crisis = r.some(); read.crisis {
		read.crisisKind = r.long()
		read.crisisOn = r.optionalLong()
	}
	read.handoverWish = r.bool()
	read.residentKey = r.optionalString()
	return read
}

// household is all that is kept of one: the rows of both hops.
type household struct {
	row     householdRow
	ranking rankingRow
	by      *kgo.Record // what changed it last in this transaction; nil: nothing did
}

// write gives both rows, one after the other, behind the first one's header.
func (h *household) write(w *writer) []byte {
	w.begin(written["HouseholdRow"])
	w.householdRow(&h.row)
	w.rankingRow(&h.ranking)
	return w.end()
}

func readHousehold(record *kgo.Record) *household {
	r := body(record.Value, written["HouseholdRow"])
	return &household{row: r.householdRow(), ranking: r.rankingRow()}
}

func (w *writer) householdRow(row *householdRow) {
	w.address(&row.address)
	w.long(row.at)
	w.long(row.sequence)
	w.count(len(row.positions))
	for index := range row.positions {
		w.position(&row.positions[index])
	}
	w.nothing(1)
	w.count(len(row.months))
	for _, month := range row.months {
		w.long(month)
	}
	w.nothing(1 + 6)
	w.optionalLong(row.dueOn)
	w.optionalLong(row.settleOn)
	w.string(row.policyVersion)
	w.nothing(13)
}

func (r *reader) householdRow() householdRow {
	var row householdRow
	row.address = r.address()
	row.at = r.long()
	row.sequence = r.long()
	r.many(func() { row.positions = append(row.positions, r.position()) })
	r.many(func() { row.months = append(row.months, r.long()) })
	r.nothing(6)
	row.dueOn = r.optionalLong()
	row.settleOn = r.optionalLong()
	row.policyVersion = r.string()
	r.nothing(13)
	return row
}

func (w *writer) position(value *position) {
	w.string(value.creditor)
	w.string(value.contract)
	w.long(value.partnerType)
	w.long(value.kind)
	w.long(value.amountCents)
	w.optionalLong(value.monthlyBillCents)
	w.long(value.reportedAt)
	w.long(value.version)
	w.string(value.signalID)
	w.optionalLong(value.crisisOn)
	w.bool(value.crisis)
	w.optionalLong(value.arrearsSince)
	w.optionalLong(value.firstVersion)
	w.optionalLong(value.firstCents)
	w.nothing(2)
	w.optionalLong(value.crisisKind)
	w.bool(value.handover)
	w.bool(value.agreed)
	w.optionalString(value.residentKey)
	w.nothing(3)
}

func (r *reader) position() position {
	var read position
	read.creditor = r.string()
	read.contract = r.string()
	read.partnerType = r.long()
	read.kind = r.long()
	read.amountCents = r.long()
	read.monthlyBillCents = r.optionalLong()
	read.reportedAt = r.long()
	read.version = r.long()
	read.signalID = r.string()
	read.crisisOn = r.optionalLong()
	read.crisis = r.bool()
	read.arrearsSince = r.optionalLong()
	read.firstVersion = r.optionalLong()
	read.firstCents = r.optionalLong()
	r.nothing(2)
	read.crisisKind = r.optionalLong()
	read.handover = r.bool()
	read.agreed = r.bool()
	read.residentKey = r.optionalString()
	r.nothing(3)
	return read
}

func (w *writer) rankingRow(row *rankingRow) {
	w.long(row.sequence)
	w.long(row.band)
	w.optionalLong(row.respondBy)
	w.long(row.riskSequence)
	w.optionalLong(row.loweredOn)
	w.nothing(2)
	w.optionalLong(row.listedOn)
	w.optionalLong(row.threatenedOn)
	w.nothing(2)
}

func (r *reader) rankingRow() rankingRow {
	var row rankingRow
	row.sequence = r.long()
	row.band = r.long()
	row.respondBy = r.optionalLong()
	row.riskSequence = r.long()
	row.loweredOn = r.optionalLong()
	r.nothing(2)
	row.listedOn = r.optionalLong()
	row.threatenedOn = r.optionalLong()
	r.nothing(2)
	return row
}

func (risk *householdRisk) write(w *writer) []byte {
	w.begin(written["HouseholdRisk"])
	w.string(risk.household)
	w.long(risk.sequence)
	w.address(&risk.address)
	w.long(risk.score)
	w.long(risk.openPositions)
	w.long(risk.creditors)
	w.long(risk.monthsBehind)
	w.bool(risk.threatening)
	w.optionalLong(risk.crisisOn)
	w.long(risk.endedBy)
	w.string(risk.policyVersion)
	w.long(risk.at)
	w.nothing(3)
	return w.end()
}

func (update *priorityUpdate) write(w *writer) []byte {
	w.begin(written["PriorityUpdate"])
	w.string(update.updateID)
	w.string(update.household)
	w.long(update.sequence)
	w.address(&update.address)
	w.string(update.area)
	w.long(update.urgency)
	w.long(update.band)
	w.optionalLong(update.respondBy)
	w.long(update.change)
	w.string(update.policyVersion)
	w.long(update.eventAt)
	w.nothing(1)
	w.optionalLong(update.action)
	w.optionalLong(update.respondByNorm)
	return w.end()
}
