package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	changelog  = "bench-households-changelog"
	partitions = 8
)

// tables keep the households of the partitions that are ours, in memory, with a changelog in Kafka.
type tables struct {
	bootstrap string
	mutex     sync.Mutex // between the loop, and the group's own goroutine
	of        map[int32]map[string]*household
}

func (t *tables) makeChangelog(ctx context.Context) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(t.bootstrap))
	if err != nil {
		return err
	}
	defer client.Close()
	compact := "compact"
	settings := map[string]*string{"cleanup.policy": &compact}
	_, err = kadm.NewClient(client).CreateTopic(ctx, partitions, 1, settings, changelog)
	if errors.Is(err, kerr.TopicAlreadyExists) {
		return nil
	}
	return err
}

// restore reads the rows of `numbers` anew: all that were committed before it began.
func (t *tables) restore(ctx context.Context, numbers []int32) error {
	restored := make(map[int32]map[string]*household, len(numbers))
	from := make(map[int32]kgo.Offset, len(numbers))
	for _, number := range numbers {
		restored[number] = make(map[string]*household)
		from[number] = kgo.NewOffset().AtStart()
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(t.bootstrap),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{changelog: from}),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(),
	)
	if err != nil {
		return err
	}
	defer client.Close()
	// Where a transaction's end is not marked yet, the end of what is committed comes before it: wait for the mark.
	listed, err := kadm.NewClient(client).ListEndOffsets(ctx, changelog)
	if err != nil {
		return err
	}
	ends := make(map[int32]int64, len(numbers))
	for _, number := range numbers {
		end, _ := listed.Lookup(changelog, number)
		if end.Err != nil {
			return end.Err
		}
		if end.Offset > 0 {
			ends[number] = end.Offset
		}
	}
	for len(ends) > 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		fetches.EachRecord(func(record *kgo.Record) {
			if !record.Attrs.IsControl() {
				restored[record.Partition][string(record.Key)] = readHousehold(record)
			}
			if record.Offset+1 >= ends[record.Partition] {
				delete(ends, record.Partition)
			}
		})
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	maps.Copy(t.of, restored)
	return nil
}

// restoreAll forgets what an aborted transaction did.
func (t *tables) restoreAll(ctx context.Context) error {
	t.mutex.Lock()
	numbers := slices.Collect(maps.Keys(t.of))
	t.mutex.Unlock()
	return t.restore(ctx, numbers)
}

func (t *tables) drop(numbers []int32) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for _, number := range numbers {
		delete(t.of, number)
	}
}
