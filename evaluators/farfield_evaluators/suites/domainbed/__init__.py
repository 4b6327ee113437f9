"""DomainBed's protocol (Gulrajani & Lopez-Paz, ICLR 2021), pure and without torch; see docs/domainbed.md."""
