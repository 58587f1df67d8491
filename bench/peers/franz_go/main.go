// The job on franz-go, fused: household-events → fold → rank → household-risk, outreach.priorities.
//
// One transaction takes what was read, what it tells, and the rows that it changed.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"maps"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	events = "household-events"
	risks  = "household-risk"
	told   = "outreach.priorities"
)

// Rows stay, and what a batch allocates is soon gone: collecting less often costs memory, which there is.
const gcPercent = 400

type job struct {
	session *kgo.GroupTransactSession
	policy  *policy
	tables  *tables
	every   time.Duration
	writer  writer
	changed []*household
	failed  atomic.Pointer[error]
}

func main() {
	debug.SetGCPercent(gcPercent)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	rules, err := readPolicy(os.Getenv("BENCH_POLICY"))
	if err != nil {
		return err
	}
	every, err := strconv.Atoi(os.Getenv("BENCH_COMMIT_MS"))
	if err != nil {
		return fmt.Errorf("BENCH_COMMIT_MS: %w", err)
	}
	bootstrap := os.Getenv("BENCH_BOOTSTRAP")
	rows := &tables{bootstrap: bootstrap, of: make(map[int32]map[string]*household)}
	if err := rows.makeChangelog(ctx); err != nil {
		return err
	}
	session, err := kgo.NewGroupTransactSession(settings(bootstrap, rows)...)
	if err != nil {
		return err
	}
	defer session.CloseAllowingRebalance()
	its := job{session: session, policy: rules, tables: rows, every: time.Duration(every) * time.Millisecond}
	for ctx.Err() == nil {
		if err := its.transaction(ctx); err != nil {
			return err
		}
	}
	return nil
}

func settings(bootstrap string, rows *tables) []kgo.Opt {
	gone := func(_ context.Context, _ *kgo.Client, gone map[string][]int32) { rows.drop(gone[events]) }
	return []kgo.Opt{
		kgo.SeedBrokers(bootstrap),
		kgo.ConsumerGroup("bench"),
		kgo.TransactionalID("bench"),
		kgo.ConsumeTopics(events),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.RequireStableFetchOffsets(),
		kgo.BlockRebalanceOnPoll(),
		// A broker that nobody has used yet still makes its own topics: ask often, and for a minute.
		kgo.RetryBackoffFn(func(int) time.Duration { return 100 * time.Millisecond }),
		kgo.RequestRetries(600),
		// Here, not when a partition is assigned: its offset is known, so no transaction that moved it is open.
		kgo.AdjustFetchOffsetsFn(
			func(ctx context.Context, offsets map[string]map[int32]kgo.Offset) (map[string]map[int32]kgo.Offset, error) {
				return offsets, rows.restore(ctx, slices.Collect(maps.Keys(offsets[events])))
			},
		),
		kgo.OnPartitionsRevoked(gone),
		kgo.OnPartitionsLost(gone),
		// Every topic of the job has the same partitions, and the key stays.
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchCompression(kgo.Lz4Compression()),
	}
}

// transaction works off what has come, and more that comes meanwhile for as long as one transaction may last.
func (j *job) transaction(ctx context.Context) error {
	fetches := j.session.PollFetches(ctx)
	defer j.session.AllowRebalance()
	// Where the group could not be joined, as on a broker that is still starting, the client tries again by itself.
	var unjoined *kgo.ErrGroupSession
	if ctx.Err() != nil || errors.As(fetches.Err(), &unjoined) {
		return nil
	}
	if err := j.session.Begin(); err != nil {
		return err
	}
	ends := time.Now().Add(j.every)
	for {
		if err := fetches.Err(); err != nil {
			return err
		}
		j.takeAll(fetches)
		if time.Now().After(ends) {
			break
		}
		if fetches = j.session.PollFetches(nil); fetches.Empty() {
			break
		}
	}
	return j.end()
}

// end saves the rows that changed, and commits. What could not be committed is forgotten, and read again.
func (j *job) end() error {
	for _, each := range j.changed {
		j.produce(changelog, each.by, each.write(&j.writer))
		each.by = nil
	}
	j.changed = j.changed[:0]
	uncancelled := context.Background()
	if err := j.session.Client().Flush(uncancelled); err != nil {
		return err
	}
	failed := j.failed.Swap(nil)
	committed, err := j.session.End(uncancelled, kgo.TransactionEndTry(failed == nil))
	if err != nil {
		return err
	}
	if committed {
		return nil
	}
	if failed != nil {
		log.Printf("a transaction was aborted: %v", *failed)
	}
	return j.tables.restoreAll(uncancelled)
}

func (j *job) takeAll(fetches kgo.Fetches) {
	j.tables.mutex.Lock()
	defer j.tables.mutex.Unlock()
	fetches.EachRecord(j.take)
}

// take does both hops for one event.
func (j *job) take(record *kgo.Record) {
	rows := j.tables.of[record.Partition]
	said := readEvent(record.Value, j.policy.events)
	its := rows[said.household]
	if its == nil {
		its = &household{ranking: untold()}
		rows[said.household] = its
	}
	risk, news := j.policy.fold(&its.row, &said)
	if !news {
		return
	}
	if its.by == nil {
		j.changed = append(j.changed, its)
	}
	its.by = record
	j.produce(risks, record, risk.write(&j.writer))
	if update, tells := j.policy.rank(&its.ranking, &risk); tells {
		j.produce(told, record, update.write(&j.writer))
	}
}

func (j *job) produce(topic string, of *kgo.Record, value []byte) {
	record := &kgo.Record{
		Topic:     topic,
		Partition: of.Partition,
		Key:       of.Key,
		Value:     value,
		Timestamp: of.Timestamp,
	}
	j.session.Produce(context.Background(), record, j.delivered)
}

func (j *job) delivered(_ *kgo.Record, err error) {
	if err != nil {
		j.failed.CompareAndSwap(nil, &err)
	}
}
