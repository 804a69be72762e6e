package blocks

import "testing"

// Ensure that a label is taken for a different address only if it looks like
// one.
func TestAddresses(t *testing.T) {
	const elsewhere = "https://evil.example/x"
	for _, tt := range []struct {
		url    string
		misled bool
		labels []string
	}{
		// Names of products, files, versions, abbreviations, code.
		{elsewhere, false, []string{
			"Node.js", "Vue.js", "README.md", "readme.md", "deploy.sh", "main.py", "lib.rs", "backup.zip", "Safari.app", "setup.exe", "vpn.pdf",
			"config.yaml", "my.config.yaml", "archive.tar.gz", "index.html", "notes.docx", "Makefile.mk", "v1.2.3", "v1.2", "1.10", "2026.11.28",
			"e.g.", "i.e.", "a.m.", "z.B.", "Dr.Jones", "java.lang.String", "os.path", "localhost's", "lodash@4.17.21", "@types/node",
			"10:30", "Room: 5", "Fig.3", "IT-4711.", "and/or", "see the docs/README.md", "/etc/resolv.conf", "C:\\temp\\setup.exe", "sign in", "…", "",
			"path/bank.example", "tcp/443", "first.last", "$HOME/.config", "*.log", "KB.0012", "No.1",
		}},
		// The same host or its parent, with or without a path.
		{"https://help.acme.com/vpn", false, []string{
			"help.acme.com", "acme.com", "Help.Acme.com", "help.acme.com/vpn", "help.acme.com/vpn.html", "help.acme.com?q=a.b.com", "help.acme.com#bank.com",
			"www.help.acme.com", "https://help.acme.com", "https://help.acme.com/other.com", "http://www.help.acme.com", "(help.acme.com)", "help.acme.com:443",
			"help.acme.com, please", "the acme.com help", "https:/help.acme.com", "help.acme.com/vpn (help.acme.com)",
		}},
		{"https://nodejs.org", false, []string{"Node.js", "nodejs.org", "nodejs.org/api/fs.html"}},
		{"https://github.com/a/b/README.md", false, []string{"README.md", "github.com/a/b/README.md", "a/b/README.md"}},
		// Addresses of e-mail.
		{"mailto:support+vpn@acme.com", false, []string{"support+vpn@acme.com", "Support+VPN@acme.com", "acme.com", "mail us", "<support+vpn@acme.com>"}},
		{"mailto:support%2Bvpn@acme.com", false, []string{"support+vpn@acme.com"}},
		{"mailto:a.b@acme.com?subject=x", false, []string{"a.b@acme.com"}},
		{"https://acme.com/contact", false, []string{"jane@acme.com", "a.b+c@acme.com"}},
		{"mailto:support+vpn@acme.com", true, []string{"boss@acme.com", "vpn@acme.com", "support+vpn@bank.com", "bank.com", "https://bank.com", "support@acme.com"}},
		// Other addresses.
		{elsewhere, true, []string{
			"acme.com", "www.acme.com", "ACME.COM", "acme.com/login", "acme.com?x", "acme.com#x", "acme.com:443", "acme.co.uk", "a.b.acme.com", "help.acme.com/evil.example",
			"(acme.com)", "acme.com.", "acme.com's", "acme.com,evil.example", "acme.com+evil.example", "x+acme.com", "https://acme.com", "http://acme", "https:/acme.com", "https:\\\\acme.com",
			"//acme.com", "ftp://acme.com/evil.example", "jane@acme.com", "support+vpn@acme.com", "acme.com@evil.example", "evil.example.acme.com",
			"localhost", "localhost/evil.example", "intranet:8080", "[::1]", "192.168.0.1", "192.168.0.1/login", "wiki.corp", "wiki.acme.local/x", "server.internal",
			"github.md/login", "https://x.md", "bank.zip/pay", "bank.zip:443", "a.b.zip", "jane@bank.zip", "www.bank", "b\u00FCcher.de", "bank.\u0441\u043E\u043C", "xn--bcher-kva.de",
			"acme.io", "draw.io", "acme.ai", "bank\u3002com", "ba\u200Bnk.com", "Log in at acme.com/x now", "evil.example/x acme.com", "x\\acme.com",
		}},
		{"https://acme.com", true, []string{"help.acme.com", "acme.com.evil.net", "acme.org", "https://help.acme.com", "evilacme.com", "bank.com@acme.com"}},
	} {
		for _, label := range tt.labels {
			if got := misleads(label, tt.url); got != tt.misled {
				t.Errorf("misleads(%q, %q) = %v", label, tt.url, got)
			}
		}
	}
}

// Ensure that the end of a word before a link does not hide an address in it.
func TestAddressAfterASlash(t *testing.T) {
	for markdown, want := range map[string]string{
		"a/[bank.com](https://evil.example)":                      "a/bank.com (https://evil.example) (evil.example)",
		"[a/](https://x.example)[bank.com](https://evil.example)": "a/ (https://x.example)bank.com (https://evil.example) (evil.example)",
		"[README.md](https://x.example/README.md)":                "README.md (https://x.example/README.md)",
		"[bank](https://evil.example).com":                        "bank (https://evil.example) (evil.example).com",
	} {
		if got := shownAsPlain(parse(markdown)); got != want {
			t.Errorf("%s\n got %q\nwant %q", markdown, got, want)
		}
	}
}
