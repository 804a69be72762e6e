package enjo

import (
	"math"
	"regexp"
	"slices"
	"strings"
)

const (
	// The constants of BM25, with their usual values:
	// https://en.wikipedia.org/wiki/Okapi_BM25
	saturation = 1.2
	lengthBias = 0.5

	// The weights of words in the title and in the keywords, relative to the body.
	titleWeight   = 4
	keywordWeight = 3

	// maxTerms limits the number of different words of a question that are used.
	maxTerms = 64
)

// index ranks articles.
type index struct {
	articles  []article
	counts    []map[string]float64 // for each article, its weighted words
	lengths   []float64
	average   float64        // average of the lengths
	documents map[string]int // number of articles that contain a word
}

// hit is an article with its score from 0 to 1.
type hit struct {
	article *article
	score   float64
}

func newIndex(articles []article) *index {
	x := &index{articles: articles, documents: make(map[string]int)}
	for _, a := range articles {
		counts := make(map[string]float64)
		count := func(text string, weight float64) {
			for _, term := range terms(text) {
				counts[term] += weight
			}
		}
		count(a.title, titleWeight)
		count(a.keywords, keywordWeight)
		for _, s := range a.sections {
			count(s.heading, 1)
			count(s.body, 1)
		}
		length := 0.0
		for term, n := range counts {
			x.documents[term]++
			length += n
		}
		x.counts = append(x.counts, counts)
		x.lengths = append(x.lengths, length)
		x.average += length / float64(len(articles))
	}
	return x
}

// search returns all articles that contain any of the terms, the best first. A
// score is the article's BM25 divided by the highest possible one.
func (x *index) search(query []string) []hit {
	best := 0.0
	for _, term := range query {
		best += x.rarity(term)
	}
	var hits []hit
	for i := range x.articles {
		norm := saturation * (1 - lengthBias + lengthBias*x.lengths[i]/x.average)
		score := 0.0
		for _, term := range query {
			if n := x.counts[i][term]; n > 0 {
				score += x.rarity(term) * n / (n + norm)
			}
		}
		if score > 0 {
			hits = append(hits, hit{&x.articles[i], score / best})
		}
	}
	sortHits(hits)
	return hits
}

func sortHits(hits []hit) {
	slices.SortStableFunc(hits, func(a, b hit) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return strings.Compare(a.article.name, b.article.name)
	})
}

// rarity is the weight of a term: a rarer term has a higher weight. A word in
// no article is probably small talk, so its weight is low.
func (x *index) rarity(term string) float64 {
	n, all := float64(x.documents[term]), float64(len(x.articles))
	if n == 0 {
		n = all / 2
	}
	return math.Log(1 + (all-n+0.5)/(n+0.5))
}

// section returns the section of a that matches the terms best, and whether it
// contains any of them. If none does, it returns the first section after the
// lead.
func (x *index) section(a *article, query []string) (best section, fits bool) {
	bestScore := -1.0
	for i, s := range a.sections {
		if i == 0 && len(a.sections) > 1 {
			continue // the lead is part of the answer anyway
		}
		heading, body := terms(s.heading), terms(s.body)
		score := 0.0
		for _, term := range query {
			if slices.Contains(heading, term) {
				score += 2 * x.rarity(term)
			}
			if slices.Contains(body, term) {
				score += x.rarity(term)
			}
		}
		if score > bestScore {
			best, bestScore = s, score
		}
	}
	return best, bestScore > 0
}

var (
	words = regexp.MustCompile(`[\pL\pN]+(?:['’-][\pL\pN]+)*`)
	// joints are removed from words, so that "Wi-Fi" matches "wifi".
	joints = strings.NewReplacer("'", "", "’", "", "-", "")
)

// terms returns the significant words of a text, as stems.
func terms(text string) []string {
	var found []string
	for _, word := range words.FindAllString(strings.ToLower(text), -1) {
		word = joints.Replace(word)
		if !stopWords[word] {
			found = append(found, stem(word))
		}
	}
	return found
}

// queryTerms returns the different terms of a question, up to maxTerms.
func queryTerms(text string) []string {
	var different []string
	for _, term := range terms(text) {
		if len(different) < maxTerms && !slices.Contains(different, term) {
			different = append(different, term)
		}
	}
	return different
}

// stem removes common English endings from a word. It need not be correct, only
// the same for questions and articles.
func stem(word string) string {
	for _, ending := range []struct{ from, to string }{
		{"ies", "y"}, {"sses", "ss"}, {"ss", "ss"}, {"ing", ""}, {"ed", ""}, {"es", ""}, {"s", ""}, {"e", ""},
	} {
		rest, ok := strings.CutSuffix(word, ending.from)
		if !ok || len(rest) < 3 {
			continue
		}
		word = rest + ending.to
		break
	}
	// Match "installing" and "resetting" with "install" and "reset".
	if n := len(word); n > 3 && word[n-1] == word[n-2] {
		word = word[:n-1]
	}
	return strings.TrimSuffix(word, "e")
}

var stopWords = setOf(`a about after again all also am an and any anyone are as ask at be because been but by can cannot cant could
	did do does doesnt dont else for from get getting give go got had has have hello help hey hi how i id if im in into is isnt it its ive just
	know let like make may me might must my need no not now of off on one open or our out please should show so some somebody someone
	tell than thank thanks that thats the their them then there these they thing this those ticket to too try up us use using very want was way we
	were what whats when where which who why will with work would you your`)

func setOf(list string) map[string]bool {
	set := make(map[string]bool)
	for word := range strings.FieldsSeq(list) {
		set[word] = true
	}
	return set
}
