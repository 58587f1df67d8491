package main

import (
	"encoding/binary"
	"fmt"
	"math"
)

// An optional number without a value: no day, amount or version is as small.
const none = math.MinInt64

// reader takes Avro's binary form apart. It panics where the bytes end too soon.
type reader struct {
	data []byte
}

// body skips Confluent's header: a zero byte, and the schema's number.
func body(data []byte, schema int) reader {
	if data[0] != 0 || int(binary.BigEndian.Uint32(data[1:5])) != schema {
		panic(fmt.Sprintf("a record begins with %x, not with schema %d, the one that is measured", data[:5], schema))
	}
	return reader{data[5:]}
}

func (r *reader) long() int64 {
	value, size := binary.Varint(r.data)
	if size <= 0 {
		panic("a number is cut off")
	}
	r.data = r.data[size:]
	return value
}

func (r *reader) bool() bool {
	value := r.data[0] == 1
	r.data = r.data[1:]
	return value
}

func (r *reader) string() string {
	size := r.long()
	value := string(r.data[:size])
	r.data = r.data[size:]
	return value
}

// some reads which branch of a union with null follows.
func (r *reader) some() bool {
	return r.long() == 1
}

func (r *reader) optionalLong() int64 {
	if r.some() {
		return r.long()
	}
	return none
}

func (r *reader) optionalString() *string {
	if !r.some() {
		return nil
	}
	value := r.string()
	return &value
}

// nothing skips fields that are null, false or empty in all that creditors' signals bring about.
func (r *reader) nothing(fields int) {
	for _, each := range r.data[:fields] {
		if each != 0 {
			panic("a field is set that no creditor's signal sets")
		}
	}
	r.data = r.data[fields:]
}

// many calls `each` once for each item of an array.
func (r *reader) many(each func()) {
	for {
		count := r.long()
		if count == 0 {
			return
		}
		if count < 0 {
			count = -count
			r.long() // the block's size in bytes
		}
		for range count {
			each()
		}
	}
}

// writer puts values together. What it has given out is not written to again.
type writer struct {
	data  []byte
	began int
}

const chunk = 1 << 18

// begin starts a record of `schema`, in a new chunk where the old one is nearly full.
func (w *writer) begin(schema int) {
	if cap(w.data)-len(w.data) < chunk/16 {
		w.data = make([]byte, 0, chunk)
	}
	w.began = len(w.data)
	w.data = append(w.data, 0)
	w.data = binary.BigEndian.AppendUint32(w.data, uint32(schema))
}

// end gives the record out.
func (w *writer) end() []byte {
	return w.data[w.began:len(w.data):len(w.data)]
}

func (w *writer) long(value int64) {
	w.data = binary.AppendVarint(w.data, value)
}

// count begins an array, whose items follow, and then nothing(1).
func (w *writer) count(items int) {
	if items > 0 {
		w.long(int64(items))
	}
}

func (w *writer) bool(value bool) {
	if value {
		w.data = append(w.data, 1)
	} else {
		w.data = append(w.data, 0)
	}
}

func (w *writer) string(value string) {
	w.long(int64(len(value)))
	w.data = append(w.data, value...)
}

func (w *writer) optionalLong(value int64) {
	if value == none {
		w.data = append(w.data, 0)
		return
	}
	w.data = append(w.data, 2)
	w.long(value)
}

func (w *writer) optionalString(value *string) {
	if value == nil {
		w.data = append(w.data, 0)
		return
	}
	w.data = append(w.data, 2)
	w.string(*value)
}

// nothing writes fields that are null, false or empty.
func (w *writer) nothing(fields int) {
	for range fields {
		w.data = append(w.data, 0)
	}
}
