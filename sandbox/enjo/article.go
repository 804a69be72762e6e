package enjo

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"strings"
)

const (
	// maxArticle limits the size of an article, in bytes.
	maxArticle = 1 << 20
	// helpCenter is the base URL of articles without a URL.
	helpCenter = "https://help.example.com/"
)

// article is a Markdown file that begins with front matter:
//
//	---
//	title: Reset your VPN password
//	type: Knowledge Base
//	url: https://help.example.com/it/vpn
//	keywords: remote access, tunnel
//	---
//
// Only the title is required.
type article struct {
	name     string // of the file
	title    string
	kind     string
	url      string
	keywords string
	sections []section
}

// section is the text below a heading of level 2. The first section of an
// article, the lead, has no heading.
type section struct {
	heading string
	body    string
}

func (s section) markdown() string {
	if s.heading == "" {
		return s.body
	}
	return "**" + s.heading + "**\n\n" + s.body
}

// readArticles reads all Markdown files, sorted by name.
func readArticles(from fs.FS) ([]article, error) {
	var articles []article
	err := fs.WalkDir(from, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".md" {
			return err
		}
		text, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		a, err := parseArticle(name, string(text))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		articles = append(articles, a)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading articles: %w", err)
	}
	return articles, nil
}

// choose returns the articles whose names match one of the patterns, or all if
// there are none.
func choose(articles []article, patterns []string) ([]article, error) {
	if len(patterns) == 0 {
		return articles, nil
	}
	var chosen []article
	for _, a := range articles {
		for _, pattern := range patterns {
			ok, err := path.Match(pattern, a.name)
			if err != nil {
				return nil, fmt.Errorf("%q: %w", pattern, err)
			}
			if ok {
				chosen = append(chosen, a)
				break
			}
		}
	}
	return chosen, nil
}

// parseArticle parses an article.
func parseArticle(name, text string) (article, error) {
	if len(text) > maxArticle {
		return article{}, fmt.Errorf("larger than %d bytes", maxArticle)
	}
	matter, body, err := cutFrontMatter(strings.ReplaceAll(text, "\r\n", "\n"))
	if err != nil {
		return article{}, err
	}
	a := article{name: name, kind: "Knowledge Base", url: helpCenter + strings.TrimSuffix(name, ".md")}
	if err := a.parseFrontMatter(matter); err != nil {
		return article{}, fmt.Errorf("front matter: %w", err)
	}
	a.sections = parseSections(body)
	return a, nil
}

func cutFrontMatter(text string) (matter, body string, err error) {
	text, ok := strings.CutPrefix(text, "---\n")
	if !ok {
		return "", "", errors.New("does not begin with front matter (---)")
	}
	matter, body, ok = strings.Cut("\n"+text, "\n---\n")
	if !ok {
		return "", "", errors.New("front matter does not end (---)")
	}
	return matter, body, nil
}

// parseFrontMatter parses lines of "name: value".
func (a *article) parseFrontMatter(matter string) error {
	fields := map[string]*string{"title": &a.title, "type": &a.kind, "url": &a.url, "keywords": &a.keywords}
	for line := range strings.Lines(matter) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		field, ok := fields[name]
		if !ok {
			return fmt.Errorf("%q is unknown or occurs twice", name)
		}
		delete(fields, name)
		*field = strings.TrimSpace(value)
	}
	if a.title == "" {
		return errors.New("there is no title")
	}
	if u, err := url.Parse(a.url); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return fmt.Errorf("%q is not a web address", a.url)
	}
	return nil
}

// parseSections splits a body at its headings of level 2.
func parseSections(body string) []section {
	var sections []section
	for i, part := range strings.Split("\n"+body, "\n## ") {
		var s section
		if i > 0 {
			s.heading, part, _ = strings.Cut(part, "\n")
			s.heading = strings.TrimSpace(s.heading)
		}
		s.body = strings.TrimSpace(part)
		sections = append(sections, s)
	}
	return sections
}
