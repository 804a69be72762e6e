package migrate

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/bits"

	"enjobridge/storage"
)

// Digests are the counts and the checksums of the records of a store, by kind.
type Digests map[storage.RecordKind]Digest

// Digest is the count and the checksum of the records of a kind. It does not depend on their
// order.
type Digest struct {
	Count int
	sum   [4]uint64
}

// String returns the beginning of the checksum.
func (d Digest) String() string {
	var all []byte
	for _, part := range d.sum {
		all = binary.BigEndian.AppendUint64(all, part)
	}
	return hex.EncodeToString(all[:6])
}

// add adds the hash of a record to the sum of all, modulo 2^256. A record that is there twice
// counts twice, which with an exclusive or it would not.
func (d *Digest) add(hash [sha256.Size]byte) {
	var carry uint64
	for i := range d.sum {
		d.sum[i], carry = bits.Add64(d.sum[i], binary.LittleEndian.Uint64(hash[8*i:]), carry)
	}
	d.Count++
}

// digester computes the digests of records that come one after the other.
type digester struct {
	all     Digests
	tickets map[storage.ThreadID]uint32 // so far, because their order in a thread counts
	records int
}

func newDigester() *digester {
	return &digester{all: make(Digests), tickets: make(map[storage.ThreadID]uint32)}
}

// add adds a record.
func (d *digester) add(r storage.Record) error {
	text, err := r.Canonical()
	if err != nil {
		return err
	}
	if ticket, ok := r.Value.(storage.Ticket); ok {
		d.tickets[ticket.Thread]++
		text = binary.BigEndian.AppendUint32(text, d.tickets[ticket.Thread])
	}
	digest := d.all[r.Kind]
	digest.add(sha256.Sum256(text))
	d.all[r.Kind] = digest
	d.records++
	return nil
}

// Records returns the number of all records.
func (d Digests) Records() (n int) {
	for _, digest := range d {
		n += digest.Count
	}
	return n
}
